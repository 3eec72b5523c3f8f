/** Bundles the offline verifier into one readable file without dependencies. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './install.mjs';

const FOLDER = 'packages/chain/src/verify';
const ENTRY = join(ROOT, FOLDER, 'main.ts');
export const VERIFIER = join(ROOT, 'dist', 'vitrine-verify.mjs');
const BIOME = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
/** A declaration a line, and none of the characters that a reader does not miss. */
const STYLE = [
  ...['--indent-style=tab', '--line-width=160', '--semicolons=as-needed'],
  ...['--bracket-spacing=false', '--trailing-commas=none', '--arrow-parentheses=as-needed'],
];

/** Writes the file; resolves with what esbuild says of what went into it. */
export async function buildVerifier(outfile = VERIFIER) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    outfile,
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    charset: 'utf8',
    // Every name stays, which `minify` alone would not leave.
    minifySyntax: true,
    // Asked for only when the file runs as a command; a browser never sees these imports.
    external: ['node:*'],
    metafile: true,
    logLevel: 'warning',
  });
  const bundled = outputFiles[0].text.replaceAll('/* @__PURE__ */ ', '');
  // A fresh clone has no folder for it.
  await mkdir(dirname(outfile), { recursive: true });
  await writeFile(outfile, formatted(bundled.replaceAll(`// ${FOLDER}/`, '// ')));
  return metafile;
}

/** In a folder of its own, where no other style is asked for. */
function formatted(input) {
  const cwd = mkdtempSync(join(tmpdir(), 'vitrine-verifier-'));
  try {
    const args = [BIOME, 'format', '--stdin-file-path=verify.mjs', ...STYLE];
    return execFileSync(process.execPath, args, { cwd, input });
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
