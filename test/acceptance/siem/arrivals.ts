/**
 * What arrived at destinations, in one form, and what must hold of it whatever happened on the way:
 * nothing is missing or invented, a repeat is the same alert, a session's come in the log's order.
 */
import assert from 'node:assert/strict';
import { includes, leafHash, readProof, type TrustedLog } from '../path/rfc6962.ts';
import type { Logged } from './site.ts';

export interface Arrival {
  id: string;
  log: string;
  index: number;
  /** Base64. */
  leaf: string;
  session: string;
  /** A tlog-proof; none where the format has no room. */
  proof?: string;
  /** All of it as it came, but for the envelope of its protocol. */
  text: string;
}

const ALERT_BYTES_MAX = 4_096;

/** First arrivals against the log; how many repeats there were. */
export function assertLedger(arrivals: Arrival[], alerts: Logged[]): number {
  const expected = new Map(alerts.map((alert) => [alert.id, alert]));
  const firsts = new Map<string, Arrival>();
  const reached = new Map<string, number>();
  for (const arrival of arrivals) {
    const { id, index, session } = arrival;
    const alert = expected.get(id);
    assert.ok(alert !== undefined, `${id} is not in the log`);
    const known = firsts.get(id);
    if (known !== undefined) {
      assert.equal(withoutProof(arrival), withoutProof(known), `${id} came in two forms`);
      continue;
    }
    firsts.set(id, arrival);
    assert.deepEqual([index, arrival.leaf, session], [alert.index, alert.leaf, alert.session]);
    assert.ok(index > (reached.get(session) ?? -1), `${id} of ${session} is out of turn`);
    reached.set(session, index);
  }
  const lost = alerts.filter(({ id }) => !firsts.has(id)).map(({ mark }) => mark);
  assert.deepEqual(lost, [], 'lost');
  return arrivals.length - firsts.size;
}

/** Each way in which an account can be wrong is seen. */
export function assertLedgerSees(arrivals: Arrival[], alerts: Logged[]): void {
  const [first, second, ...rest] = arrivals;
  const other = { ...first!, text: first!.text.replace(first!.leaf, 'other') };
  const sabotaged: [RegExp, Arrival[]][] = [
    [/lost/, arrivals.filter(({ id }) => id !== first!.id)],
    [/not in the log/, [...arrivals, { ...first!, id: 'alr_of_nobody' }]],
    [/two forms/, [...arrivals, other]],
    [/out of turn/, [...arrivals].reverse()],
    [/deep-equal|deepStrictEqual|equal/i, [{ ...first!, leaf: second!.leaf }, second!, ...rest]],
  ];
  for (const [what, account] of sabotaged) assert.throws(() => assertLedger(account, alerts), what);
}

function withoutProof({ text, proof }: Arrival): string {
  if (proof === undefined) return text;
  const escaped = JSON.stringify(proof).slice(1, -1);
  return text.replace(escaped, '').replace(proof, '');
}

/** The leaf is that of the log's record, and in the tree that its key has signed. */
export function assertProven(arrival: Arrival, alert: Logged, trust: TrustedLog): void {
  assert.ok(Buffer.byteLength(arrival.text) <= ALERT_BYTES_MAX, `${arrival.text.length} bytes`);
  assert.deepEqual(leafHash(alert.record).toString('base64'), arrival.leaf);
  assert.ok(isProven(arrival, trust), 'the alert is not under the log');
}

function isProven({ leaf, index, proof }: Arrival, trust: TrustedLog): boolean {
  assert.ok(proof !== undefined, 'there is no proof');
  const { index: proved, path, note } = readProof(proof);
  const { size, root } = trust.open(note);
  return proved === index && includes(Buffer.from(leaf, 'base64'), index, size, path, root);
}

/** A proof in which anything is changed proves nothing. */
export function assertProofBinds(arrival: Arrival, trust: TrustedLog): void {
  const { proof = '', leaf, index } = arrival;
  assert.ok(isProven(arrival, trust));
  const flipped = Buffer.from(leaf, 'base64');
  flipped[0]! ^= 1;
  const { path, note } = readProof(proof);
  const step = path[0]!.toString('base64');
  const turned = Buffer.from(path[0]!.map((byte) => byte ^ 1)).toString('base64');
  const wrong: Arrival[] = [
    { ...arrival, leaf: flipped.toString('base64') },
    { ...arrival, index: index + 1 },
    { ...arrival, proof: proof.replace(step, turned) },
  ];
  for (const altered of wrong) assert.ok(!isProven(altered, trust), 'the check checks nothing');
  const [origin, size] = note.split('\n');
  const grown = proof.replace(`${origin}\n${size}\n`, `${origin}\n${Number(size) + 1}\n`);
  assert.throws(() => isProven({ ...arrival, proof: grown }, trust), /not signed/);
}
