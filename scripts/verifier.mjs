/** Bundles the offline verifier into one readable file without dependencies. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './install.mjs';

const ENTRY = join(ROOT, 'packages', 'chain', 'src', 'verify', 'main.ts');
export const VERIFIER = join(ROOT, 'dist', 'vitrine-verify.mjs');

/** Writes the file; resolves with what esbuild says of what went into it. */
export async function buildVerifier(outfile = VERIFIER) {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    charset: 'utf8',
    // Asked for only when the file runs as a command; a browser never sees these imports.
    external: ['node:*'],
    metafile: true,
    logLevel: 'warning',
  });
  // Indented by tabs: the same to a reader, and 2 kB less.
  const text = await readFile(outfile, 'utf8');
  await writeFile(
    outfile,
    text.replace(/^(?: {2})+/gm, (blank) => '\t'.repeat(blank.length / 2)),
  );
  return metafile;
}
