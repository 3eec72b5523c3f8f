/**
 * Point 2, from outside: connectors of every type at once. Each destination has every alert, by
 * its own conventions, with a proof that needs nobody; and one that refuses its token is alone.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { unpacked } from '../../receivers/receiver.ts';
import { SENTINEL_STREAM } from '../../receivers/sentinel-rule.ts';
import { storedRecords } from '../path/clickhouse.ts';
import { CONTROL_RULE } from '../path/rules.ts';
import { until } from '../path/until.ts';
import { type Arrival, assertLedger, assertProofBinds, assertProven } from './arrivals.ts';
import { arrivedAt, countAt } from './arrived.ts';
import {
  ELASTIC_STREAM,
  type Ground,
  needsBroker,
  needsRsyslog,
  SPLUNK_INDEX,
  SYSLOG,
  TOPIC,
  WEBHOOK_SECRET,
} from './ground.ts';
import { readCef, readLeef } from './lines.ts';
import type { Logged } from './site.ts';

const CALL_BYTES_MAX = 1_048_576;
const ARRIVED_MS_MAX = 60_000;
const FIRST = 6;
const SECOND = 3;

type Convention = (ground: Ground, alerts: Logged[]) => Promise<void> | void;

export async function speaksToAll(t: TestContext, ground: Ground): Promise<void> {
  await ground.raise(FIRST, ['all-a', 'all-b']);
  const alerts = await ground.site.alerts(FIRST);
  for (const [name, holds] of CONVENTIONS) {
    await t.test(`${name} has every alert, as it wants them`, async (c) => {
      if (name.startsWith('syslog') && !needsRsyslog(c, ground)) return;
      if (name === 'kafka' && !needsBroker(c, ground)) return;
      const arrivals = await untilAt(ground, name, FIRST);
      assert.equal(assertLedger(arrivals, alerts), 0, 'some came again');
      for (const arrival of arrivals) assertWhole(ground, arrival, alerts);
      await holds(ground, alerts);
    });
  }
  await t.test('an altered proof is refused', async () => {
    const [arrival] = await arrivedAt(ground, 'hook');
    assertProofBinds(arrival!, ground.trust);
  });
  await t.test('one whose token is refused is alone with it', () => refusesOne(ground));
  await t.test('Splunk has indexed what counts as delivered', () => confirms(ground));
}

/** All of them, each at least once. */
async function untilAt(ground: Ground, name: string, count: number): Promise<Arrival[]> {
  await until(`${count} alerts at ${name}`, ARRIVED_MS_MAX, async () => {
    return (await countAt(ground, name)) >= count || undefined;
  });
  return await arrivedAt(ground, name);
}

function assertWhole({ site, trust }: Ground, arrival: Arrival, alerts: Logged[]): void {
  const alert = alerts.find(({ id }) => id === arrival.id)!;
  assert.equal(arrival.log, site.run.log);
  if (arrival.proof !== undefined) assertProven(arrival, alert, trust);
  else assert.match(arrival.text, /(CEF|LEEF):/);
}

const CONVENTIONS: [name: string, holds: Convention][] = [
  ['hook', isSigned],
  ['splunk', isEnvelope],
  ['falcon', isParsed],
  ['sentinel', isRow],
  ['elastic', isDocument],
  ...SYSLOG.map((name): [string, Convention] => {
    return [name, (ground, alerts) => isMessage(ground, name, alerts)];
  }),
  ['kafka', isMessageOfTopic],
  ['otlp', isLogRecord],
];

/** Standard Webhooks, by its own library. */
function isSigned({ ends }: Ground): void {
  for (const { headers, body } of ends.hook.came) {
    assert.ok(new Webhook(WEBHOOK_SECRET).verify(body, headers));
    assert.throws(() => new Webhook(WEBHOOK_SECRET).verify(`${body} `, headers));
    assert.match(body, new RegExp(`"id":"${headers['webhook-id']}"`));
  }
}

/** The server refuses what is no event; the rest is what a search and `dedup` want. */
function isEnvelope({ ends }: Ground): void {
  for (const { index, envelope } of ends.splunk.events) {
    assert.deepEqual([index, envelope.index], [SPLUNK_INDEX, SPLUNK_INDEX]);
    assert.deepEqual([envelope.source, envelope.sourcetype], ['vitrine', 'vitrine:alert']);
    const { class_uid, finding_info } = envelope.event as Record<string, Record<string, unknown>>;
    assert.deepEqual([Number(class_uid), finding_info!.uid], [2004, dedupe(envelope.fields)]);
  }
}

function dedupe(fields: unknown): string {
  return (fields as { dedupe_id: string }).dedupe_id;
}

/** By the connection's own parser, with the time of the alert, and not cut. */
function isParsed({ ends }: Ground): void {
  for (const { parser, timeMs, raw, truncated } of ends.falcon.events) {
    const { '@timestamp': time, event } = JSON.parse(raw) as Record<string, { kind: string }>;
    assert.deepEqual([parser, truncated, event!.kind], ['json', false, 'alert']);
    assert.equal(timeMs, Date.parse(String(time)));
  }
}

/** No column is dropped, of those that the deployed rule declares; one token for all calls. */
function isRow({ ends }: Ground): void {
  const { sentinel } = ends;
  const calls = sentinel.calls.filter(({ path }) => path.includes('/streams/'));
  const sent = calls.flatMap(
    (call) => JSON.parse(String(unpacked(call, CALL_BYTES_MAX))) as object,
  );
  assert.deepEqual(sentinel.rows.get(SENTINEL_STREAM), sent);
  assert.equal(sentinel.tokens.issued, 1);
  for (const row of sentinel.rows.get(SENTINEL_STREAM)!) {
    assert.equal(row.RuleId, CONTROL_RULE);
    for (const column of ['TimeGenerated', 'AlertName', 'AlertSeverity', 'Link', 'Evidence']) {
      assert.ok(row[column] !== undefined, `${column} is not in the row`);
    }
  }
}

/** In the stream and not in its failure store, created under the alert's own id. */
function isDocument({ ends }: Ground): void {
  assert.deepEqual(ends.elastic.failures, []);
  for (const { id, document } of ends.elastic.documents.get(ELASTIC_STREAM)!) {
    const { event, rule } = document as { event: Record<string, unknown>; rule: { id: string } };
    assert.deepEqual([event.id, event.kind, rule.id], [id, 'alert', CONTROL_RULE]);
  }
}

const AUDIT_LOW = 13 * 8 + 5;

/** RFC 5424 by rsyslog, CEF and LEEF by readers that know nothing of us. */
function isMessage({ ends }: Ground, name: string, alerts: Logged[]): void {
  const payload = name.replace('syslog-', '');
  const own = ends.rsyslog!.received().filter(({ message, input }) => {
    return (
      input === 'imtcp' && message.startsWith(payload === 'json' ? '{' : payload.toUpperCase())
    );
  });
  assert.equal(own.length, alerts.length);
  for (const { priority, appName, messageId, message, data } of own) {
    assert.deepEqual([Number(priority), appName, messageId], [AUDIT_LOW, 'vitrine', CONTROL_RULE]);
    if (payload === 'json') continue;
    const { header, fields } = payload === 'cef' ? readCef(message) : readLeef(message);
    assert.deepEqual([header[0], header[3]], ['Vitrine', CONTROL_RULE]);
    const { mark } = alerts.find(({ id }) => data.includes(id))!;
    assert.equal(fields.get('msg'), `/ledger/control-${mark} was read.`);
    const link = fields.get(payload === 'cef' ? 'flexString2' : 'link')!;
    assert.ok(URL.canParse(link), link);
  }
}

/** All of a session in one partition, as a consumer of one of them wants it. */
async function isMessageOfTopic({ ends }: Ground): Promise<void> {
  const partitions = new Map<string, number>();
  for (const { key, partition, headers } of await ends.topics!.read(TOPIC)) {
    assert.equal(partitions.get(key!) ?? partition, partition);
    partitions.set(key!, partition);
    assert.equal(headers['content-type'], 'application/json');
  }
}

/** The other collector has one record for each, and took it for what it is. */
async function isLogRecord({ ends }: Ground, alerts: Logged[]): Promise<void> {
  const records = await storedRecords(ends.otlp, "shim = 'in' AND kind = 'other'");
  const sources = records.map(({ record }) => (JSON.parse(record) as { source: object }).source);
  const ours = sources.filter((source) => 'service' in source && source.service === 'vitrine');
  assert.ok(ours.length >= alerts.length);
  for (const source of ours) {
    assert.deepEqual(source, { service: 'vitrine', event: 'vitrine.alert' });
  }
}

/** Paused, with what waits; everybody else has all; and it goes on where it was. */
async function refusesOne(ground: Ground): Promise<void> {
  const { site } = ground;
  ground.setFalconKey(false);
  await ground.raise(SECOND, ['one-a', 'one-b', 'one-c']);
  const alerts = await site.alerts(FIRST + SECOND);
  const paused = await site.untilStatus('falcon', ({ state }) => state === 'paused');
  assert.match(String(paused.lastError), /HTTP 401/);
  for (const [name] of CONVENTIONS) {
    const isAway = name === 'kafka' ? ground.ends.broker : ground.ends.rsyslog;
    const mayBeAway = name === 'kafka' || SYSLOG.includes(name);
    if (name === 'falcon' || (mayBeAway && isAway === undefined)) continue;
    assertLedger(await untilAt(ground, name, FIRST + SECOND), alerts);
  }
  assert.equal((await arrivedAt(ground, 'falcon')).length, FIRST);
  assert.equal((await site.status('falcon')).lag, SECOND);
  ground.setFalconKey(true);
  assertLedger(await untilAt(ground, 'falcon', FIRST + SECOND), alerts);
}

/** Indexer acknowledgement: asked for ten seconds later, and nothing counts before. */
async function confirms({ site, ends }: Ground): Promise<void> {
  await site.untilStatus('splunk', ({ delivered }) => delivered >= FIRST);
  assert.ok(ends.splunk.calls.some(({ path }) => path === '/services/collector/ack'));
}
