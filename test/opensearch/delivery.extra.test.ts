/** The Elastic connector, its template and its documents, against a real OpenSearch node. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, describe, it, type TestContext } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import { encodeElastic } from '../../connectors/elastic/encode.ts';
import { elastic } from '../../connectors/elastic/index.ts';
import { sampleAlerts } from '../../connectors/kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../../connectors/kit/contract.ts';
import type { ConfiguredConnector } from '../../connectors/kit/define.ts';
import { selfTest } from '../../connectors/kit/self-test.ts';
import { start, until } from '../delivery/bench.ts';
import { hasNode, OpenSearchNode } from './node.ts';

const STREAM = 'logs-vitrine.alerts-default';
const GUIDE = new URL('../../docs/guides/elastic.md', import.meta.url);
const PAGE = new URL('../../connectors/elastic/README.md', import.meta.url);
const DOCUMENTS = new URL('../vectors/normalise/ecs.json', import.meta.url);
const ENVIRONMENT = { PASSWORD: 'nobody asks for it here' };

/** One for all tests: it takes longer to start than any of them. */
let shared: OpenSearchNode | undefined;
after(() => shared?.remove());

/** A node with our index template and no document; undefined where none can run. */
async function prepared(t: TestContext): Promise<OpenSearchNode | undefined> {
  if (!hasNode(t)) return undefined;
  shared ??= await OpenSearchNode.start();
  await shared.ask('DELETE', '/_data_stream/logs-*');
  assert.deepEqual(commandOf(GUIDE, '_index_template'), commandOf(PAGE, '_index_template'));
  assert.deepEqual(run(shared, '_index_template'), { acknowledged: true });
  return shared;
}

/** The block of a page in which this word is. */
function commandOf(page: URL, word: string): string {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^ *```\w*\n(.*?)^ *```$/gms)];
  const [text] = blocks.flatMap(([, block]) => (block!.includes(word) ? [block!] : []));
  return text!.replaceAll(/^ +(?=curl|-H)/gm, '');
}

/** Types the command of the guide; rejects what is no success. */
function run({ url }: OpenSearchNode, word: string): JsonObject {
  const command = commandOf(GUIDE, word).replace('curl ', 'curl -sS --fail-with-body ');
  const env = { ...process.env, ELASTIC_URL: url, ADMIN_KEY: 'none' };
  const cwd = new URL('../..', import.meta.url);
  return JSON.parse(execFileSync('bash', ['-euc', command], { cwd, env, encoding: 'utf8' }));
}

function connectorFor({ url }: OpenSearchNode): ConfiguredConnector {
  return elastic.configure('siem', {
    url,
    username: 'vitrine',
    password: { env: 'PASSWORD' },
    allow: ['loopback'],
    start: 'beginning',
  });
}

function alertsAbout(sessions: number, count: number): DeliverableAlert[] {
  return sampleAlerts(Array.from({ length: count }, (_, i) => ({ subject: `s${i % sessions}` })));
}

interface Hits {
  total: { value: number };
  hits: { _id: string; _source: JsonObject }[];
}

async function search(node: OpenSearchNode, query: object, size = 1_000): Promise<Hits> {
  await node.ask('POST', `/${STREAM}/_refresh`);
  const found = await node.ask('POST', `/${STREAM}/_search`, { query, size });
  return found.hits as unknown as Hits;
}

const ALL = { match_all: {} };
const within = { timeout: 300_000 };

describe('a real OpenSearch', within, () => {
  it('has every alert once, as it was sent, in a data stream', async (t) => {
    const node = await prepared(t);
    if (node === undefined) return;
    const alerts = alertsAbout(40, 200);
    const { delivery } = await start(t, connectorFor(node), alerts, { environment: ENVIRONMENT });
    await until('all are delivered', () => delivery.status().delivered === alerts.length);
    const { hits } = await search(node, ALL);
    const stored = new Map(hits.map(({ _id, _source }) => [_id, _source]));
    assert.equal(hits.length, alerts.length);
    for (const alert of alerts) {
      const [, document] = encodeElastic(alert, { namespace: 'default' }).toString().split('\n');
      assert.deepEqual(stored.get(alert.id), JSON.parse(document!));
    }
    const streams = await node.ask('GET', `/_data_stream/${STREAM}`);
    assert.equal((streams.data_streams as JsonObject[])[0]!.template, 'vitrine-alerts');
    const again = await start(t, connectorFor(node), alerts, { environment: ENVIRONMENT });
    await until('all were known', () => again.delivery.status().delivered === alerts.length);
    assert.equal((await search(node, ALL)).total.value, alerts.length);
  });

  it('loses nothing when it is killed in the middle', async (t) => {
    const node = await prepared(t);
    if (node === undefined) return;
    const alerts = alertsAbout(10, 300);
    const { delivery } = await start(t, connectorFor(node), alerts, { environment: ENVIRONMENT });
    await until('some are delivered', () => delivery.status().delivered > 20);
    await node.kill();
    const before = delivery.status().delivered;
    assert.ok(before < alerts.length, `${before} of ${alerts.length} before the end`);
    await node.restart();
    await until('all are delivered', () => delivery.status().delivered === alerts.length);
    assert.equal(delivery.status().dead, 0);
    const { hits } = await search(node, ALL);
    const ids = hits.map(({ _id }) => _id);
    assert.deepEqual(ids.toSorted(), alerts.map(({ id }) => id).toSorted());
  });

  it('refuses one document for its own reasons, and the others get through', async (t) => {
    const node = await prepared(t);
    if (node === undefined) return;
    const alerts = alertsAbout(6, 6);
    const bad = alerts[2]!;
    const made = connectorFor(node);
    const encode = (alert: DeliverableAlert): Uint8Array => {
      if (alert.id !== bad.id) return made.encode(alert);
      const document = '{"@timestamp":"2026-01-01T00:00:00Z","host":"a text"}';
      return Buffer.from(`{"create":{"_id":"${alert.id}"}}\n${document}`);
    };
    const { delivery } = await start(t, { ...made, encode }, alerts, { environment: ENVIRONMENT });
    await until('all are settled', () => delivery.status().lag === 0);
    assert.equal(delivery.status().delivered, 5);
    const [letter] = delivery.deadLetters();
    assert.equal(letter!.id, bad.id);
    assert.match(letter!.reason, /parsing_exception.*host/);
  });
});

describe('the guide, on a real OpenSearch', within, () => {
  it('finds the alert of a self-test', async (t) => {
    const node = await prepared(t);
    if (node === undefined) return;
    const report = await selfTest('elastic', connectorFor(node), { environment: ENVIRONMENT });
    assert.equal(report.ok, true);
    await node.ask('POST', `/${STREAM}/_refresh`);
    const { hits } = run(node, '_search') as unknown as { hits: Hits };
    assert.deepEqual(
      hits.hits.map(({ _id }) => _id),
      [report.alert],
    );
  });
});

describe('the index template in a real OpenSearch', within, () => {
  it('takes every document of ECS that we make, and each field of them is found', async (t) => {
    const node = await prepared(t);
    if (node === undefined) return;
    const samples = JSON.parse(readFileSync(DOCUMENTS, 'utf8')) as Record<string, JsonObject>;
    const documents = Object.values(samples);
    const lines = documents.flatMap((document, i) => [{ create: { _id: `${i}` } }, document]);
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    assert.equal((await node.ask('POST', `/${STREAM}/_bulk`, body)).errors, false);
    const paths = new Set(documents.flatMap((document) => searchable(document)));
    assert.ok(paths.size > 60, `${paths.size} fields`);
    for (const field of paths) {
      const { total } = await search(node, { exists: { field } }, 0);
      assert.ok(total.value > 0, field);
    }
  });

  it('is what the queries of the page need', async (t) => {
    const node = await prepared(t);
    if (node === undefined) return;
    const [alert] = alertsAbout(1, 1);
    const { delivery } = await start(t, connectorFor(node), [alert!], { environment: ENVIRONMENT });
    await until('it is delivered', () => delivery.status().delivered === 1);
    const filters = [
      { term: { 'event.kind': 'alert' } },
      { term: { 'event.module': 'vitrine' } },
      { range: { 'event.severity': { gte: 73 } } },
      { range: { '@timestamp': { gte: '2025-11-24', lt: '2025-11-25' } } },
      { term: { 'host.ip': '192.0.2.0/24' } },
      { term: { 'threat.technique.id': 'T1567' } },
      { match: { message: 'credential' } },
      { term: { 'vitrine.leaf': alert!.leaf } },
    ];
    const { hits } = await search(node, { bool: { filter: filters } });
    assert.deepEqual(
      hits.map(({ _id }) => _id),
      [alert!.id],
    );
    assert.equal((hits[0]!._source.vitrine as JsonObject).proof, alert!.proof);
  });
});

/** Paths of all values but those that the template keeps unsearched. */
function searchable(document: JsonObject, prefix = ''): string[] {
  return Object.entries(document).flatMap(([name, value]) => {
    const path = prefix + name;
    if (path === 'vitrine.record' || path === 'vitrine.proof') return [];
    const [first] = Array.isArray(value) ? value : [value];
    const isNested = typeof first === 'object' && first !== null;
    return isNested ? searchable(first as JsonObject, `${path}.`) : [path];
  });
}
