/**
 * The same verdict on every bundle of the table, and on every golden one: by the function in Node,
 * by the command, and by the one-file verifier in a real browser, down to the last character.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { askCommand } from './command.ts';
import { goldenSubjects } from './golden.ts';
import { buildVerifierFile } from './module.ts';
import { PageVerifier } from './page-verifier.ts';
import type { Subject } from './row.ts';
import { BUNDLE_ROWS } from './table.ts';
import { verdictOn } from './verdict.ts';

const COMMANDS_AT_ONCE = 2;

interface Case {
  id: string;
  subject: Subject;
  code: number;
}

/** Attacked and sound; those that a browser takes. */
function cases(): Case[] {
  const rows = BUNDLE_ROWS.filter(({ where }) => where.includes('browser'));
  const made = rows.flatMap(({ id, code, make }) => {
    const { sound, attacked } = make();
    return [
      { id, subject: attacked, code },
      { id: `${id} without the attack`, subject: sound, code: 0 },
    ];
  });
  return [...made, ...goldenSubjects()];
}

/** Of which cases the browser says something else than Node. */
async function differences(page: PageVerifier, asked: Case[]): Promise<string[]> {
  const answers = await page.verdicts(asked.map(({ subject }) => subject));
  return asked.flatMap(({ id, subject }, i) => {
    const expected = JSON.stringify(verdictOn(subject));
    return answers[i] === expected ? [] : [`${id}: ${answers[i]} instead of ${expected}`];
  });
}

test('the browser gives the verdict of Node on every bundle', async (t) => {
  const { text } = await buildVerifierFile(t);
  const page = await PageVerifier.open(t, text);
  if (page === undefined) return;
  const asked = cases();
  const before = performance.now();
  assert.deepEqual(await differences(page, asked), []);
  const ms = Math.round(performance.now() - before);
  for (const { id, subject, code } of asked) assert.equal(verdictOn(subject).code, code, id);
  t.diagnostic(`${asked.length} bundles in ${ms} ms by ${await page.userAgent()}`);
});

test('a browser that says another word of a verdict is noticed', async (t) => {
  const { text: module } = await buildVerifierFile(t);
  const other = module.replace(/(['"])untrusted\1/, '"distrusted"');
  assert.notEqual(other, module);
  const page = await PageVerifier.open(t, other);
  if (page === undefined) return;
  const asked = cases().slice(0, 100);
  const untrusted = asked.filter(({ code }) => code === 4).map(({ id }) => id);
  const noticed = (await differences(page, asked)).map((text) => text.slice(0, text.indexOf(':')));
  assert.ok(untrusted.length > 0);
  assert.deepEqual(noticed, untrusted);
});

/** A process each takes its time: every ninth attack by the command, as many by the one file. */
const STEP = 9;

async function assertSame(t: TestContext, first: number, program?: string[]): Promise<void> {
  const before = performance.now();
  const asked = BUNDLE_ROWS.filter((_, i) => i % STEP === first);
  const queue = asked[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const { id, code, make } of queue) {
      const { attacked } = make();
      const answer = await askCommand(attacked, program);
      assert.equal(answer.code, code, `${id}: ${answer.err}`);
      // A file that is too long is refused before it is read.
      if (answer.verdict === undefined) assert.equal(code, 2, id);
      else assert.deepEqual(answer.verdict, verdictOn(attacked), id);
    }
  };
  await Promise.all(Array.from({ length: COMMANDS_AT_ONCE }, worker));
  const ms = Math.round(performance.now() - before);
  t.diagnostic(`${asked.length} commands in ${ms} ms`);
}

test('the command gives the verdict of the function', (t) => assertSame(t, 0));

test('so does the one file, without anything else of the project', async (t) => {
  const { path } = await buildVerifierFile(t);
  await assertSame(t, 1, [path]);
});

test('the same attack is made of the same bytes each time', () => {
  const [once, again] = [cases(), cases()];
  for (const [i, { id, subject }] of once.entries()) {
    assert.ok(subject.bundle.equals(again[i]!.subject.bundle), id);
  }
});
