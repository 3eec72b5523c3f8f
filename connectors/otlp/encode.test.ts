import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  ALERT_BYTES_MAX,
  decodeExport,
  decodeLogsRequest,
  type JsonObject,
  type OtlpLogRecord,
  readPath,
} from '@vitrine/schema';
import { sampleAlerts } from '../kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../kit/contract.ts';
import { SecretReader } from '../kit/secret.ts';
import { otlp } from './index.ts';

const golden = (name: string): Buffer => readFileSync(new URL(`golden/${name}`, import.meta.url));
const SAMPLE = JSON.parse(golden('sample.json').toString()) as Record<string, JsonObject>;
const SECRETS = new SecretReader(SAMPLE.environment as Record<string, string>);
const RECEIVER = 'https://otel.example:4318';

type Encoding = 'protobuf' | 'json';
const ENCODINGS: Encoding[] = ['protobuf', 'json'];

function configured(settings: JsonObject = {}) {
  return otlp.configure('soc', { ...SAMPLE.config, url: RECEIVER, ...settings });
}

function requestOf(settings: JsonObject = {}, alerts = sampleAlerts([{}])) {
  const connector = configured(settings);
  const items = alerts.map((alert) => ({ id: alert.id, bytes: connector.encode(alert) }));
  return connector.transport.request({ items, atMs: 0, attempt: 1 }, SECRETS);
}

/** As a receiver reads it. */
function readBack(encoding: Encoding, alerts: DeliverableAlert[], settings: JsonObject = {}) {
  const body = requestOf({ encoding, ...settings }, alerts).body!;
  const exported = decodeExport('logs', encoding, body);
  assert.equal(exported.signal, 'logs');
  const [group, ...others] = exported.groups;
  assert.deepEqual(others, []);
  const items = group!.items as OtlpLogRecord[];
  // In protobuf a record of others is kept as it came, and read whole only by this.
  const whole = encoding === 'json' ? [] : decodeLogsRequest(body);
  const records = items.map((item, i) => {
    const listed = Object.fromEntries(item.attributes.map(({ key, value }) => [key, value]));
    return { ...item, attributes: listed as Record<string, unknown>, ...whole[i] };
  });
  return { resource: group!.resource, records };
}

describe('a log record', () => {
  for (const [name, encoding] of [
    ['alert.json.body', 'json'],
    ['long-alert.json.body', 'json'],
    ['alert.protobuf.body', 'protobuf'],
  ] as const) {
    it(`has the golden bytes of ${name}`, () => {
      const alert = JSON.parse(golden(`${name.split('.')[0]}.json`).toString());
      const bytes = configured({ encoding }).encode(alert as DeliverableAlert);
      assert.deepEqual(Buffer.from(bytes), golden(name));
      assert.ok(bytes.length <= ALERT_BYTES_MAX);
    });
  }

  for (const encoding of ENCODINGS) {
    it(`says in ${encoding} what happened, how bad it is and where the proof is`, () => {
      const [alert] = sampleAlerts([{}]);
      const { resource, records } = readBack(encoding, [alert!]);
      const attributes = [{ key: 'service.name', value: { stringValue: 'vitrine' } }];
      assert.deepEqual(resource, { attributes });
      const record = records[0]!;
      assert.equal(record.timeUnixNano, alert!.t);
      assert.equal(record.eventName, 'vitrine.alert');
      assert.deepEqual([record.severityNumber, record.severityText], [17, 'high']);
      assert.deepEqual(record.attributes, {
        'log.record.uid': alert!.id,
        'vitrine.rule': 'EGR-001',
        'vitrine.subject': 'session-0',
        'vitrine.integrity.log': 'default.0.1',
        'vitrine.integrity.leaf_index': 1,
        'vitrine.integrity.leaf_hash': alert!.leaf,
        'vitrine.link': alert!.link,
        'vitrine.integrity.proof': alert!.proof,
      });
      const body = JSON.parse(String(record.body)) as JsonObject;
      assert.equal(body.class_uid, 2004);
      assert.equal(readPath(body, 'finding_info.uid'), alert!.id);
      assert.equal(readPath(body, 'unmapped.vitrine.proof'), undefined);
    });

    it(`marks a test in ${encoding}`, () => {
      const [alert] = sampleAlerts([{}]);
      const [record] = readBack(encoding, [{ ...alert!, test: true, proof: '' }]).records;
      assert.equal(record!.attributes['vitrine.test'], true);
      assert.equal('vitrine.integrity.proof' in record!.attributes, false);
    });

    it(`keeps its size in ${encoding} when the alert is long`, () => {
      const long = '"é\\'.repeat(3_000);
      const [alert] = sampleAlerts([{ fields: { what: long, todo: long, tags: [long] } }]);
      const proof = Buffer.from(createHash('sha512').update('p').digest()).toString('base64');
      const [record] = readBack(encoding, [{ ...alert!, proof: proof.repeat(20) }]).records;
      assert.equal(record!.attributes['vitrine.integrity.proof'], proof.repeat(20));
      const body = JSON.parse(String(record!.body)) as JsonObject;
      assert.ok((readPath(body, 'unmapped.vitrine.trimmed') as string[]).includes('tags'));
    });
  }

  it('knows every severity, and takes one that is none for medium', () => {
    const numbers = { informational: 9, low: 10, medium: 13, high: 17, critical: 21, odd: 13 };
    for (const [severity, number] of Object.entries(numbers)) {
      const [alert] = sampleAlerts([{ fields: { severity } }]);
      assert.equal(readBack('protobuf', [alert!]).records[0]!.severityNumber, number);
    }
  });

  it('has the dialect that was asked for as its body', () => {
    for (const [dialect, member] of Object.entries({ ecs: 'ecs', vitrine: 'rule' })) {
      const [record] = readBack('json', sampleAlerts([{}]), { dialect }).records;
      assert.ok(member in (JSON.parse(String(record!.body)) as JsonObject), dialect);
    }
  });
});

describe('an OTLP request', () => {
  it('has all alerts under one resource, in order', () => {
    for (const encoding of ENCODINGS) {
      const alerts = sampleAlerts([{}, {}, {}]);
      const { records } = readBack(encoding, alerts);
      const uids = records.map((record) => record.attributes['log.record.uid']);
      assert.deepEqual(
        uids,
        alerts.map(({ id }) => id),
      );
    }
  });

  it('is as large as its batch says, or smaller', () => {
    for (const encoding of ENCODINGS) {
      const { batch, encode } = configured({ encoding });
      const { separatorBytes, overheadBytes } = batch;
      const alerts = sampleAlerts(Array.from({ length: 20 }, () => ({})));
      const items = alerts.map((alert) => encode(alert).length + separatorBytes!);
      const counted = overheadBytes! + items.reduce((sum, bytes) => sum + bytes, 0);
      assert.ok(requestOf({ encoding }, alerts).body!.length <= counted);
    }
  });

  it('names its type and packing, and carries token and headers', () => {
    const plain = requestOf();
    assert.equal(plain.url, `${RECEIVER}/v1/logs`);
    assert.equal(plain.headers['content-type'], 'application/json');
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(plain.headers.authorization, `Bearer ${SAMPLE.environment!.OTLP_TOKEN}`);
    assert.equal(plain.headers['x-tenant-key'], SAMPLE.environment!.OTLP_TENANT_KEY);
    const packed = requestOf({ compression: 'gzip', encoding: 'protobuf' });
    assert.equal(packed.headers['content-type'], 'application/x-protobuf');
    assert.equal(packed.headers['content-encoding'], 'gzip');
    const unpacked = gunzipSync(packed.body!);
    assert.deepEqual(unpacked, requestOf({ encoding: 'protobuf' }).body);
  });

  it('goes to the whole address where one is given', () => {
    assert.equal(requestOf({ url: `${RECEIVER}/` }).url, `${RECEIVER}/v1/logs`);
    assert.equal(requestOf({ url: `${RECEIVER}/otlp/v1/logs` }).url, `${RECEIVER}/otlp/v1/logs`);
  });

  it('is not made with headers that belong to the request itself', () => {
    for (const name of ['Content-Length', 'content-encoding', 'host', 'a b', '']) {
      const headers = { [name]: { env: 'OTLP_TOKEN' } };
      assert.throws(() => configured({ headers }), { code: 'CONNECTOR_CONFIG_INVALID' }, name);
    }
    for (const names of [['authorization'], ['x-a', 'X-A']]) {
      const headers = Object.fromEntries(names.map((name) => [name, { env: 'OTLP_TOKEN' }]));
      assert.throws(() => configured({ headers }), /headers: names a header twice/);
    }
    const plain = { 'api-key': 'in plain sight' };
    assert.throws(() => configured({ headers: plain }), { code: 'CONNECTOR_CONFIG_INVALID' });
  });
});
