/** The verifier as one module without imports, for a browser. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ENTRY = fileURLToPath(new URL('../../packages/chain/src/web.ts', import.meta.url));

/** The text of the module. */
export async function verifierModule(): Promise<string> {
  const made = await build({
    entryPoints: [ENTRY],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  });
  return made.outputFiles[0]!.text;
}
