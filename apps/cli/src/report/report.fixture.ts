/** Runs `verify` over the golden bundles, from the folder they are in, as an auditor would. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { main } from '../main.ts';
import { memoryIo } from '../print/memory-io.ts';

export const NOW = '1764090000000000000';
/** For files of the test; deleted after it. */
export const dir = mkdtempSync(join(tmpdir(), 'vitrine-report-'));
after(() => rmSync(dir, { recursive: true }));
// A report shows names as the command line gives them: here they are short.
process.chdir(fileURLToPath(new URL('../../../../test/vectors/golden/', import.meta.url)));

export async function verify(
  ...args: string[]
): Promise<{ code: number; err: string; out: string }> {
  const io = memoryIo();
  const given = ['verify', '--data', join(dir, 'none'), '--now', NOW, ...args];
  const code = await main(given, io);
  return { code, err: io.errors.join('\n'), out: io.lines.join('\n') };
}

export async function pageOf(bundle: string, ...args: string[]): Promise<string> {
  const path = join(dir, 'report.html');
  const { err } = await verify(bundle, '--trust', 'trust.txt', ...args, '--report', path);
  assert.match(err, /report in /);
  const page = readFileSync(path, 'utf8');
  rmSync(path);
  return page;
}
