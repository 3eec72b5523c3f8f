/** Asks a real command, a process of its own, about a subject of the table. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Verdict } from '@vitrine/chain';
import type { Subject, VerifyArgs } from './row.ts';

const CLI = fileURLToPath(new URL('../../apps/cli/bin/vitrine.mjs', import.meta.url));
/** What comes before the file, and the options that ask for JSON. */
const VITRINE = [CLI, 'verify', '--json'];

export interface CommandAnswer {
  code: number | null;
  /** `undefined` where the command ends before there is one. */
  verdict: Verdict | undefined;
  err: string;
}

/** Of the command line, or of another program with the same options. */
export async function askCommand(
  { bundle, args }: Subject,
  program = VITRINE,
): Promise<CommandAnswer> {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-attack-'));
  try {
    const file = join(dir, 'bundle.vitrine.json');
    writeFileSync(file, bundle);
    const { code, out, err } = await run([...program, file, ...flags(args, dir)]);
    return { code, verdict: out === '' ? undefined : (JSON.parse(out) as Verdict), err };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** As options of the command; texts become files of `dir`. */
function flags(args: VerifyArgs, dir: string): string[] {
  const kept = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const { trust, pin, now, maxAge, expect = {}, ...required } = args;
  return [
    ...['--trust', kept('trust.txt', trust), '--now', now],
    ...(pin === undefined ? [] : ['--pin', kept('pin.json', pin)]),
    ...(maxAge === undefined ? [] : ['--max-age', String(maxAge)]),
    ...Object.entries(expect).flatMap(([what, name]) => [`--expect-${what}`, name]),
    ...(required.requireClosed ? ['--require-closed'] : []),
    ...(required.requireLossless ? ['--require-lossless'] : []),
    ...(required.requireParts ? ['--require-parts'] : []),
  ];
}

function run(argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
