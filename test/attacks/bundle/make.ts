/**
 * Makes rows of the table for attacks on a bundle: an edit of a sound file, another question about
 * it, or a log whose owner lies. Each keeps the sound bundle, so that the attack is the cause.
 */
import { readFileSync } from 'node:fs';
import type { ExitCode } from '@vitrine/chain';
import { type BundleJson, readJson, writeJson } from '../file.ts';
import { ForgedLog, KEY, START_S } from '../forge.ts';
import type { BundleRow, Subject, VerifyArgs } from '../row.ts';

const GOLDEN = new URL('../../vectors/golden/', import.meta.url);
const GOLDEN_NOW = '1764090000000000000';
const FORGED_NOW = String((BigInt(START_S) + 3_600n) * 1_000_000_000n);

export const FORGED_TRUST = `log ${KEY.vkey}\nquorum none\n`;

export type Answered = readonly [code: ExitCode, says: RegExp];
export type Base = () => Subject;
export type Story = (
  log: ForgedLog,
  lies: boolean,
) => BundleJson | { bundle: BundleJson; args: Partial<VerifyArgs> };

/** A golden bundle that is sound, with the golden trust file. */
export function golden(name: string, args: Partial<VerifyArgs> = {}): Base {
  return () => ({
    bundle: readFileSync(new URL(`${name}.vitrine.json`, GOLDEN)),
    args: { trust: goldenText('trust.txt'), now: GOLDEN_NOW, ...args },
  });
}

export function goldenText(name: string): string {
  return readFileSync(new URL(name, GOLDEN), 'utf8');
}

/** A bundle of an honest log of our own. */
export function honest(story: (log: ForgedLog) => BundleJson): Base {
  return () => subject(story(new ForgedLog()), {});
}

function subject(bundle: BundleJson, args: Partial<VerifyArgs>): Subject {
  return { bundle: writeJson(bundle), args: { trust: FORGED_TRUST, now: FORGED_NOW, ...args } };
}

/** The members of the file are others. */
export function edited(
  id: string,
  text: string,
  answered: Answered,
  base: Base,
  edit: (bundle: BundleJson) => void,
): BundleRow {
  return rewritten(id, text, answered, base, (bundle) => {
    const members = readJson(bundle);
    edit(members);
    return writeJson(members);
  });
}

/** The bytes of the file are others. */
export function rewritten(
  id: string,
  text: string,
  answered: Answered,
  base: Base,
  rewrite: (bundle: Buffer) => Buffer,
): BundleRow {
  return row(id, text, answered, () => {
    const sound = base();
    return { sound, attacked: { ...sound, bundle: rewrite(sound.bundle) } };
  });
}

/** One text of the file is replaced; it must be there. */
export function replaced(
  id: string,
  text: string,
  answered: Answered,
  base: Base,
  from: string | RegExp,
  to: string,
): BundleRow {
  return rewritten(id, text, answered, base, (bundle) => {
    const before = bundle.toString();
    const after = before.replace(from, to);
    if (after === before) throw new Error(`row ${id} changes nothing`);
    return Buffer.from(after);
  });
}

/** The same file, but the auditor brings something else. */
export function asked(
  id: string,
  text: string,
  answered: Answered,
  base: Base,
  args: Partial<VerifyArgs>,
): BundleRow {
  return row(id, text, answered, () => {
    const sound = base();
    return { sound, attacked: { ...sound, args: { ...sound.args, ...args } } };
  });
}

/** The owner of the log lies, and signs it: the same story is told honestly first. */
export function lied(id: string, text: string, answered: Answered, story: Story): BundleRow {
  const told = (lies: boolean): Subject => {
    const made = story(new ForgedLog(), lies);
    return 'bundle' in made ? subject(made.bundle, made.args) : subject(made, {});
  };
  return row(id, text, answered, () => ({ sound: told(false), attacked: told(true) }));
}

function row(id: string, text: string, [code, says]: Answered, make: BundleRow['make']): BundleRow {
  // `5.3b` is a sentence of LOG.md §5; `53` and `53-cr` are of the list of attacks.
  const source = id.includes('.') ? 'LOG.md §5' : 'attack list';
  const where = ['node', 'browser'] as const;
  return { id, source, text, status: 'runs', on: 'bundle', where, code, says, make };
}
