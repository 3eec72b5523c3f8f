/**
 * Hostile files of 64 MiB, each given to the command as a process of its own: LOG.md §5 promises
 * one of its codes within 10 seconds and 512 MB.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Verdict } from '@vitrine/chain';
import { type Run, verifyInChild } from './child.ts';
import { HOSTILE_TRUST } from './log.ts';
import { SIGNED_TRAPS, type Trap } from './signed.ts';
import { TEXT_TRAPS } from './text.ts';

const BYTES = 67_108_864;
const RSS_MB_MAX = 512;
const SECONDS_MAX = 10;
/** What is said of a hostile file is short, whatever it holds. */
const VERDICT_CHARS_MAX = 4_000_000;

const folder = mkdtempSync(join(tmpdir(), 'vitrine-hostile-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const trust = join(folder, 'trust.txt');
writeFileSync(trust, HOSTILE_TRUST);

describe('hostile files of 64 MiB', { concurrency: 2 }, () => {
  for (const [i, trap] of [...SIGNED_TRAPS, ...TEXT_TRAPS].entries()) {
    it(`${trap.name}: ${trap.codes.join(' or ')}`, async (t) => {
      const file = join(folder, `${i}.vitrine.json`);
      write(file, trap);
      const run = await verifyInChild(file, trust, trap.options);
      rmSync(file);
      t.diagnostic(`${run.cpuSeconds.toFixed(1)} s, ${run.rssMb.toFixed(0)} MB`);
      check(run, trap);
    });
  }

  it('a hostile trust file and a hostile pin', async () => {
    const file = join(folder, 'commas');
    write(file, TEXT_TRAPS.find(({ name }) => name === 'commas')!);
    const runs = [await verifyInChild(file, file), await verifyInChild(file, trust, {}, file)];
    for (const run of runs) check(run, { codes: [2] });
  });
});

/** In a function of its own, so that nothing holds the bytes while the command runs. */
function write(file: string, { make }: Trap): void {
  const bundle = make(BYTES);
  assert.ok(bundle.length <= BYTES && bundle.length > 0.75 * BYTES, `${bundle.length} bytes`);
  writeFileSync(file, bundle);
}

function check(run: Run, { codes }: Pick<Trap, 'codes'>): void {
  assert.ok(codes.includes(run.code!), `${run.code}: ${run.out.slice(0, 500)}${run.err}`);
  assert.doesNotMatch(run.err, /^\s+at /m, 'a stack trace');
  assert.ok(run.outChars < VERDICT_CHARS_MAX, `a verdict of ${run.outChars} characters`);
  const verdict = JSON.parse(run.out) as Verdict;
  assert.equal(verdict.code, run.code);
  assert.equal(verdict.failure?.code ?? 0, run.code);
  assert.ok(run.cpuSeconds < SECONDS_MAX, `${run.cpuSeconds} s`);
  assert.ok(run.rssMb < RSS_MB_MAX, `${run.rssMb} MB`);
}
