/** Whom a verdict rests on: the key of the auditor's own file, its interval, its witnesses. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Case } from './case.ts';

const UNTRUSTED = 4;
const BUNDLE = 'session.vitrine.json';
/** A key that has signed nothing here: that of RFC 8032, 7.1, test 1, as a witness. */
const STRANGER_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const [LOG_KEY_TYPE, WITNESS_KEY_TYPE] = [1, 4];

export async function trustsOnlyTheFile(audit: Case): Promise<void> {
  const trust = audit.text('trust.txt');
  const under = async (code: number, text: string, why?: RegExp): Promise<void> => {
    writeFileSync(audit.path('other-trust.txt'), text);
    const said = await audit.assertCode(code, BUNDLE, '--trust', 'other-trust.txt');
    if (why !== undefined) assert.match(said, why);
  };
  await under(0, trust);
  // Another key under the same name, and no log at all.
  await under(
    UNTRUSTED,
    trust.replace(/^log (\S+?)\+.*$/m, (_, origin) => {
      return `log ${verifierKey(origin, LOG_KEY_TYPE)}`;
    }),
  );
  await under(UNTRUSTED, trust.replace(/^log .*$/m, ''));
  // The key's interval ends before this size.
  const id = /^log \S+?\+([0-9a-f]{8})\+/m.exec(trust)![1]!;
  const interval = (to: string): string => {
    const others = trust.replace(/^#vitrine interval .*\n/gm, '');
    return `${others.trimEnd()}\n#vitrine interval ${id} 0 ${to}\n`;
  };
  await under(0, interval('-'));
  await under(UNTRUSTED, interval('10'));
}

/**
 * No witness is asked yet: a trust file that wants one is not satisfied, and the verdict says so.
 */
export async function wantsTheWitnessesOfTheFile(audit: Case): Promise<void> {
  const log = /^log .*$/m.exec(audit.text('trust.txt'))![0];
  const witness = `witness w ${verifierKey('witness.example', WITNESS_KEY_TYPE)}`;
  writeFileSync(audit.path('witnessed.txt'), `${log}\n${witness}\nquorum w\n`);
  const said = await audit.assertCode(UNTRUSTED, BUNDLE, '--trust', 'witnessed.txt');
  assert.match(said, /witness|quorum/);
  writeFileSync(audit.path('witnessed.txt'), `${log}\n${witness}\nquorum none\n`);
  const alone = await audit.assertCode(0, BUNDLE, '--trust', 'witnessed.txt');
  assert.match(alone, /no witness/i);
}

/** C2SP signed-note: name, the first 4 bytes of the hash of name and key, the key. */
function verifierKey(name: string, type: number): string {
  const key = Buffer.concat([Buffer.of(type), Buffer.from(STRANGER_KEY, 'hex')]);
  const id = createHash('sha256').update(`${name}\n`).update(key).digest().subarray(0, 4);
  return `${name}+${id.toString('hex')}+${key.toString('base64')}`;
}
