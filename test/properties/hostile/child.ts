/** Runs the real command over a file as a process of its own, and measures what it took. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { VerifyOptions } from '@vitrine/chain';

const VITRINE = fileURLToPath(new URL('../../../apps/cli/bin/vitrine.mjs', import.meta.url));
/** The arguments of `vitrine verify`, before the file. */
export const VITRINE_VERIFY = [VITRINE, 'verify', '--json'];
/**
 * Loaded before the command: tells its peak memory and processor time as it ends. The peak is that
 * of /proc: `maxRSS` begins with the parent's, from which the process was forked.
 */
const TELL = `import { readFileSync, writeSync } from 'node:fs';
process.on('exit', () => {
  const [, peakKb] = /VmHWM:\\s*(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  writeSync(3, JSON.stringify({ ...process.cpuUsage(), peakKb: Number(peakKb) }));
});`;
const MS_MAX = 120_000;
const OUTPUT_CHARS_KEPT = 4_000_000;

export interface Run {
  code: number | null;
  out: string;
  outChars: number;
  err: string;
  rssMb: number;
  /** Of one processor: what else runs on the machine does not count. */
  cpuSeconds: number;
}

/** `command` is `VITRINE_VERIFY`, or the path of the one-file verifier. */
export async function verifyInChild(
  command: string[],
  file: string,
  trust: string,
  { all, requireLossless }: VerifyOptions = {},
  pin?: string,
): Promise<Run> {
  const args = [...command, file, '--trust', trust];
  if (all) args.push('--all');
  if (requireLossless) args.push('--require-lossless');
  if (pin !== undefined) args.push('--pin', pin);
  return runChild(args);
}

async function runChild(args: string[]): Promise<Run> {
  const tell = `data:text/javascript,${encodeURIComponent(TELL)}`;
  const child = spawn(process.execPath, ['--import', tell, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: MS_MAX,
  });
  const texts = ['', '', ''];
  const chars = [0, 0, 0];
  child.stdio.slice(1).forEach((stream, i) => {
    stream?.on('data', (chunk: Buffer) => {
      chars[i]! += chunk.length;
      if (texts[i]!.length < OUTPUT_CHARS_KEPT) texts[i]! += chunk.toString();
    });
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [out, err, told] = texts as [string, string, string];
  // Nothing is told by a process that was killed.
  const usage = JSON.parse(told || '{}') as { user?: number; system?: number; peakKb?: number };
  const { user = Number.NaN, system = Number.NaN, peakKb = Number.NaN } = usage;
  const cpuSeconds = (user + system) / 1e6;
  return { code, out, outChars: chars[0]!, err, rssMb: peakKb / 1024, cpuSeconds };
}
