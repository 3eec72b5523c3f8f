/**
 * `fsck` of a running system: an edit of whatever table is named, and nothing once it is undone.
 */
import assert from 'node:assert/strict';
import { Intruder } from '../path/intruder.ts';
import type { Case } from './case.ts';

interface Edit {
  what: string;
  table: string;
  where: string;
  column: string;
  /** An expression of another value, and of the one before. */
  to: string;
  back: string;
  named: RegExp;
  /** `fsck --fast` looks at records, parts, tiles and the signed root. */
  fast: boolean;
}

const EDITS: Edit[] = [
  {
    what: 'a column beside the record',
    ...{ table: 'records', where: 'idx = 20', column: 'severity' },
    ...{ to: 'severity + 1', back: 'severity - 1', named: /\b20\b.*severity/, fast: false },
  },
  {
    what: 'the record itself',
    ...{ table: 'records', where: 'idx = 20', column: 'record' },
    ...{ to: "replaceOne(record, 'tool-', 'fool-')", named: /\b20\b.*(leaf|record)/, fast: true },
    back: "replaceOne(record, 'fool-', 'tool-')",
  },
  {
    what: 'the content of a part',
    ...{ table: 'parts', where: "idx = 20 AND name = 'prompt'", column: 'data' },
    ...{ to: 'reverse(data)', back: 'reverse(data)', named: /\b20\/prompt\b/, fast: true },
  },
  {
    what: 'a tile',
    ...{ table: 'tiles', where: 'level = 0 AND n = 0', column: 'hashes' },
    ...{ to: 'reverse(hashes)', back: 'reverse(hashes)', named: /\b0\/0\b/, fast: true },
  },
];

export async function namesEachEdit(audit: Case): Promise<void> {
  const { system } = audit;
  assert.match(await system.text('fsck'), /^ok: /m);
  const intruder = await Intruder.enter(system);
  for (const { what, table, where, column, to, back, named, fast } of EDITS) {
    const set = (value: string): Promise<void> =>
      intruder.run(`ALTER TABLE ${table} UPDATE ${column} = ${value} WHERE ${where}`);
    await set(to);
    const edited = await system.cli('fsck');
    assert.equal(edited.code, 1, `${what}: ${edited.stdout}${edited.stderr}`);
    assert.match(edited.stdout, named, what);
    const quick = await system.cli('fsck', '--fast');
    assert.equal(quick.code, fast ? 1 : 0, `${what}: ${quick.stdout}${quick.stderr}`);
    await set(back);
  }
  assert.match(await system.text('fsck'), /^ok: /m, 'every edit is undone');
  await intruder.run('ALTER TABLE records DELETE WHERE idx = 21');
  const missing = await system.cli('fsck');
  assert.equal(missing.code, 1, missing.stdout);
  assert.match(missing.stdout, /\b21\b/);
}

export async function findsNothingElse(audit: Case): Promise<void> {
  for (const args of [['fsck'], ['fsck', '--fast']]) {
    assert.match(await audit.system.text(...args), /^ok: /m);
  }
}
