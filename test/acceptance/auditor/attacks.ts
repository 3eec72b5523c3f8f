/**
 * The attack table as files: what `test/attacks/write.ts` writes is judged by the verifier of one
 * file. Each attack gets its code; the same bundle before the attack is proven.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { inParallel } from '../path/batch.ts';
import { REPOSITORY } from '../path/collector-process.ts';
import { run } from '../path/program.ts';
import type { Case } from './case.ts';

const WRITER = join(REPOSITORY, 'test/attacks/write.ts');
const FILE = 'vitrine-verify.mjs';
const CASES_MIN = 200;
/** One process each: every so many. `test/attacks/run.long.test.ts` runs all of them. */
const CASES_STEP = 5;

interface Attack {
  id: string;
  code: number;
  args: {
    trust: string;
    pin?: string;
    now: string;
    maxAge?: number;
    expect?: { origin?: string; session?: string; chain?: string };
    requireClosed?: true;
    requireLossless?: true;
    requireParts?: true;
  };
}

export async function refusesEachAttack(t: TestContext, audit: Case): Promise<void> {
  const dir = join(audit.stage.dir, 'attacks');
  mkdirSync(dir);
  const written = await run([process.execPath, WRITER, dir], { cwd: REPOSITORY });
  assert.equal(written.code, 0, written.stderr);
  const attacks = readdirSync(dir)
    .filter((name) => name.endsWith('.json') && !name.endsWith('.vitrine.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')) as Attack);
  assert.ok(attacks.length >= CASES_MIN, `${attacks.length} attacks`);
  const some = attacks.filter((_, i) => i % CASES_STEP === 0);
  const codes = new Map<number, number>();
  await inParallel(some, async (attack) => {
    const ran = await run([process.execPath, audit.path(FILE), ...argsOf(dir, attack)], {
      cwd: dir,
    });
    assert.equal(ran.code, attack.code, `${attack.id}: ${ran.stdout}${ran.stderr}`);
    codes.set(attack.code, (codes.get(attack.code) ?? 0) + 1);
  });
  t.diagnostic(`${some.length} of ${attacks.length} attacked and sound bundles`);
  assert.deepEqual([...codes.keys()].sort(), [0, 1, 2, 3, 4, 5]);
}

function argsOf(dir: string, { id, args }: Attack): string[] {
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, `${id}.${name}`), text);
    return `${id}.${name}`;
  };
  const { expect = {} } = args;
  const named = Object.entries(expect).flatMap(([what, value]) => [`--expect-${what}`, value]);
  return [
    ...[`${id}.vitrine.json`, '--trust', file('trust', args.trust), '--now', args.now],
    ...(args.pin === undefined ? [] : ['--pin', file('pin', args.pin)]),
    ...(args.maxAge === undefined ? [] : ['--max-age', String(args.maxAge)]),
    ...named,
    ...(args.requireClosed ? ['--require-closed'] : []),
    ...(args.requireLossless ? ['--require-lossless'] : []),
    ...(args.requireParts ? ['--require-parts'] : []),
  ];
}
