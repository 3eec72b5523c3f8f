/**
 * The attack table: no number and no clause is forgotten, and every attack on a bundle is answered
 * as its row says, where the bundle without it is proven.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyBundle } from '@vitrine/chain';
import { askCommand } from './command.ts';
import { misquoting, readSteps, unclaimed } from './page.ts';
import type { Row } from './row.ts';
import { BUNDLE_ROWS, numberOf, ROWS } from './table.ts';
import { complaintOf, verdictOn } from './verdict.ts';

/** Attacks of part D of the list. */
const ATTACKS = 60;
/** What the command cannot be asked: it takes the clock of the machine. */
const NO_CLOCK = 'a maximum age then is a usage error (2)';
/** One of each code, and each thing an auditor can bring. */
const BY_COMMAND = ['1', '15', '20', '22', '30', '33-pin', '35', '5.1b', '5.1g-chain', '5.6w'];

function forgotten(steps: string, rows: Row[]): string[] {
  return unclaimed(steps, rows).filter((clause) => !clause.endsWith(NO_CLOCK));
}

test('no attack of the list is missing, and none is there twice', () => {
  const numbers = new Set(ROWS.map(numberOf));
  const wanted = Array.from({ length: ATTACKS }, (_, i) => String(i + 1));
  assert.deepEqual(
    wanted.filter((number) => !numbers.has(number)),
    [],
  );
  const ofList = ROWS.filter(({ source }) => source === 'attack list').map(numberOf);
  assert.deepEqual(
    [...new Set(ofList)].filter((number) => !wanted.includes(number)),
    [],
  );
  const ids = ROWS.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});

test('every clause of LOG.md §5 that names a code is claimed by a row that quotes it', () => {
  const steps = readSteps();
  assert.ok(steps.startsWith('1. **Form** (2)') && steps.includes(' 8. **Parts**'), steps);
  assert.ok(steps.includes(' **Attached.** '), steps);
  assert.deepEqual(misquoting(steps, ROWS), []);
  assert.deepEqual(forgotten(steps, ROWS), []);
});

test(`${NO_CLOCK}: no row, for a row has a clock`, () => {
  const { bundle, args } = BUNDLE_ROWS[0]!.make().sound;
  const { code, failure } = verifyBundle(bundle, args.trust, { maxAgeNs: 1n });
  assert.deepEqual([code, failure?.code], [2, 2]);
});

test('a clause that nobody claims is noticed, and so is a row the page knows nothing of', () => {
  const steps = readSteps();
  const [missing] = forgotten(`${steps} The seal is blue (1).`, ROWS);
  assert.match(missing!, /The seal is blue \(1\)$/);
  const without = ROWS.filter(({ id }) => id !== '5.3e');
  assert.equal(forgotten(steps, without).length, 1);
  assert.equal(misquoting(steps.replace('other root (5)', 'other root (4)'), ROWS).length, 1);
});

for (const row of BUNDLE_ROWS) {
  test(`${row.id}: ${row.text.slice(0, 90)} is ${row.code}`, () => {
    const { sound, attacked } = row.make();
    const before = verdictOn(sound);
    assert.equal(before.code, 0, complaintOf(before));
    const { code, ...verdict } = verdictOn(attacked);
    const complaint = complaintOf({ code, ...verdict });
    assert.equal(code, row.code, complaint);
    assert.match(complaint, row.says);
    if (code !== 0) assert.deepEqual(verdict.proven, []);
  });
}

for (const id of BY_COMMAND) {
  test(`${id}: the command says what the function says`, async () => {
    const { attacked } = BUNDLE_ROWS.find((row) => row.id === id)!.make();
    const { code, verdict, err } = await askCommand(attacked);
    assert.deepEqual(verdict, verdictOn(attacked), err);
    assert.equal(code, verdict!.code);
  });
}
