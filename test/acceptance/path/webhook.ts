/**
 * Alerts at a webhook: signed, small, with a proof that the receiver checks by itself; delivered
 * through refusals and restarts of either side, and not again afterwards.
 */
import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import { storedRecords } from './clickhouse.ts';
import type { Stage } from './collector-process.ts';
import type { Arrived, Receiver } from './receiver.ts';
import { includes, leafHash, readProof, TrustedLog } from './rfc6962.ts';
import { CONTROL_RULE, sendRead } from './rules.ts';
import { System } from './system.ts';
import { until } from './until.ts';

const BODY_BYTES_MAX = 4_096;
const ARRIVES_MS_MAX = 30_000;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 'other').toString('base64')}`;

export interface Hook {
  receiver: Receiver;
  secret: string;
  /** Lines of `vitrine.yaml`. */
  settings: string;
}

/** After `followsTheFolder`. Restarts the system; returns the one that runs. */
export async function deliversAlerts(
  stage: Stage,
  system: System,
  token: string,
  hook: Hook,
): Promise<System> {
  const { receiver } = hook;
  const trust = await system.text('trust');
  const earlier = ['with-rule', 'after-rule'];
  for (const session of earlier) await arrivals(receiver, session, 1);
  receiver.answers.push(500, 500);
  await sendRead(system, token, 'refused', 'control');
  const tries = await arrivals(receiver, 'refused', 3);
  assert.deepEqual(
    tries.map(({ status }) => status),
    [500, 500, 200],
  );
  assert.equal(new Set(tries.map(({ headers }) => headers['webhook-id'])).size, 1);
  for (const arrived of tries) assertSigned(arrived, hook.secret);
  assertProof(tries.at(-1)!, trust);

  await receiver.close();
  await sendRead(system, token, 'unheard', 'control');
  await until('the receiver is missed', ARRIVES_MS_MAX, async () => {
    const [status] = await system.json<{ lastError: string | null }[]>('connectors', 'list');
    return /ECONNREFUSED/.test(status?.lastError ?? '') || undefined;
  });
  await receiver.open();
  const [late] = await arrivals(receiver, 'unheard', 1);
  assertProof(late!, trust);
  await receiptsOf(system, [idOf(tries[0]!), idOf(late!)]);

  await system.stop();
  const again = await System.up(stage, hook.settings);
  await sendRead(again, token, 'restarted', 'control');
  await arrivals(receiver, 'restarted', 1);
  const sessions = receiver.arrived.map(sessionOf).sort();
  const expected = [...earlier, 'refused', 'refused', 'refused', 'unheard', 'restarted'].sort();
  assert.deepEqual(sessions, expected, 'an alert was delivered again');
  return again;
}

interface Body {
  type: string;
  data: Record<string, unknown> & {
    id: string;
    subject: string;
    log: string;
    index: number;
    leaf: string;
    proof: string;
    link: string;
  };
}

function bodyOf({ body }: Arrived): Body {
  return JSON.parse(body.toString('utf8')) as Body;
}

function sessionOf(arrived: Arrived): string {
  return bodyOf(arrived).data.subject;
}

function idOf(arrived: Arrived): string {
  return bodyOf(arrived).data.id;
}

/** What came about one session, once it is `count` requests. */
function arrivals(receiver: Receiver, session: string, count: number): Promise<Arrived[]> {
  return until(`${count} requests about ${session}`, ARRIVES_MS_MAX, () => {
    const about = receiver.arrived.filter((arrived) => sessionOf(arrived) === session);
    return about.length >= count ? about : undefined;
  });
}

function assertSigned({ headers, body }: Arrived, secret: string): void {
  const given = headers as Record<string, string>;
  assert.ok(new Webhook(secret).verify(body, given));
  assert.throws(() => new Webhook(OTHER_SECRET).verify(body, given), /No matching signature/);
  const changed = Buffer.from(body);
  changed[changed.length - 3]! ^= 1;
  assert.throws(() => new Webhook(secret).verify(changed, given), /No matching signature/);
}

/** The record, rebuilt from what came, is in the tree that the log's key has signed. */
function assertProof(arrived: Arrived, trust: string): void {
  assert.ok(arrived.body.length <= BODY_BYTES_MAX, `${arrived.body.length} bytes`);
  const { type, data } = bodyOf(arrived);
  assert.equal(type, 'alert.created');
  assert.equal(data.id, arrived.headers['webhook-id']);
  assert.equal(data.rule, CONTROL_RULE);
  assert.equal(data.trimmed, undefined, 'an alert this small comes whole');
  const { log: _log, index, leaf, proof, link: _link, ...record } = data;
  const rebuilt = leafHash(canonical(record));
  assert.equal(rebuilt.toString('base64'), leaf);
  const { index: proved, path, note } = readProof(proof);
  assert.equal(proved, index);
  const { size, root } = new TrustedLog(trust).open(note);
  assert.ok(includes(rebuilt, index, size, path, root), 'the alert is not under the log');
  const other = leafHash(canonical({ ...record, severity: 'informational' }));
  assert.ok(!includes(other, index, size, path, root), 'the check checks nothing');
}

/** JCS (RFC 8785) of what records are made of: no fractions. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`);
  return `{${members.join(',')}}`;
}

/** Deliveries are records of the log themselves. */
async function receiptsOf({ run }: System, ids: string[]): Promise<void> {
  await until('the receipts are in the log', ARRIVES_MS_MAX, async () => {
    const rows = await storedRecords(run, "kind = 'receipt'");
    const alerts = rows.flatMap(({ record }) => {
      return (JSON.parse(record) as { alerts: { id: string; outcome: string }[] }).alerts;
    });
    const delivered = alerts.filter(({ outcome }) => outcome === 'delivered');
    return ids.every((id) => delivered.some((alert) => alert.id === id)) || undefined;
  });
}
