/** Bundles the relay into one readable file without dependencies, for any Node from 20 on. */
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './install.mjs';

const ENTRY = join(ROOT, 'apps', 'relay', 'src', 'one-file', 'main.ts');
export const RELAY_FILE = join(ROOT, 'dist', 'vitrine-relay.mjs');

/** Writes the file; resolves with what esbuild says of what went into it. */
export async function buildRelayFile(outfile = RELAY_FILE) {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    charset: 'utf8',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}
