import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ALERT_BYTES_MAX, type JsonObject } from '@vitrine/schema';
import { sampleAlerts } from '../kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../kit/contract.ts';
import { SecretReader } from '../kit/secret.ts';
import { splunkHec } from './index.ts';

const golden = (name: string): string => {
  return readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8');
};
const SAMPLE = JSON.parse(golden('sample.json')) as { config: JsonObject; environment: JsonObject };
const SECRETS = new SecretReader(SAMPLE.environment as Record<string, string>);
const COLLECTOR = 'https://splunk.example:8088';

function configured(settings: JsonObject = {}) {
  return splunkHec.configure('soc', { ...SAMPLE.config, url: COLLECTOR, ...settings });
}

function eventOf(alert: DeliverableAlert, settings: JsonObject = {}): JsonObject {
  return JSON.parse(Buffer.from(configured(settings).encode(alert)).toString()) as JsonObject;
}

function requestOf(settings: JsonObject = {}, alerts = sampleAlerts([{}])) {
  const connector = configured(settings);
  const items = alerts.map((alert) => ({ id: alert.id, bytes: connector.encode(alert) }));
  return connector.transport.request({ items, atMs: 0, attempt: 1 }, SECRETS);
}

describe('an event for Splunk', () => {
  for (const name of ['alert', 'long-alert']) {
    it(`has the golden bytes of ${name}`, () => {
      const alert = JSON.parse(golden(`${name}.json`)) as DeliverableAlert;
      const bytes = configured().encode(alert);
      assert.equal(Buffer.from(bytes).toString(), golden(`${name}.body`));
      assert.ok(bytes.length <= ALERT_BYTES_MAX);
    });
  }

  it('has what the settings say, time in seconds, and flat fields of text', () => {
    const [alert] = sampleAlerts([{}]);
    const settings = { index: 'sec', source: 's', sourcetype: 'vendor:x', host: 'h' };
    const { event, ...envelope } = eventOf({ ...alert!, t: '1764000001250999999' }, settings);
    assert.equal((event as JsonObject).class_uid, 2004);
    assert.deepEqual(envelope, {
      time: 1764000001.25,
      ...settings,
      fields: { dedupe_id: alert!.id, severity: 'high' },
    });
  });

  it('names the host of the alert, where it has one', () => {
    assert.equal(eventOf(sampleAlerts([{}])[0]!).host, 'build-7');
    for (const host of [null, {}, { name: '' }, { name: 7 }]) {
      const alert = sampleAlerts([{ fields: { host } }])[0]!;
      assert.equal('host' in eventOf(alert), false);
    }
    const alert = sampleAlerts([{ fields: { host: { name: 'h'.repeat(1_000) } } }])[0]!;
    assert.equal(String(eventOf(alert).host).length, 255);
  });

  it('has the dialect that was asked for', () => {
    const [alert] = sampleAlerts([{}]);
    const kinds = { ocsf: 'class_uid', ecs: 'ecs', vitrine: 'rule' };
    for (const [dialect, member] of Object.entries(kinds)) {
      assert.ok(member in (eventOf(alert!, { dialect }).event as JsonObject), dialect);
    }
  });
});

describe('a request to Splunk', () => {
  it('has events one after another, and the token after the word Splunk', () => {
    const { method, url, headers, body } = requestOf({}, sampleAlerts([{}, {}]));
    assert.deepEqual([method, url], ['POST', `${COLLECTOR}/services/collector/event`]);
    assert.equal(headers.authorization, `Splunk ${SAMPLE.environment.SPLUNK_TOKEN}`);
    assert.equal(headers['x-splunk-request-channel'], undefined);
    const lines = Buffer.from(body!).toString().split('\n');
    assert.equal(lines.length, 2);
    for (const line of lines) assert.ok(JSON.parse(line));
  });

  it('finds the collector behind whatever part of its address is given', () => {
    for (const tail of ['', '/', '/services/collector', '/services/collector/event/1.0/']) {
      const { url } = requestOf({ url: `https://s.example/x${tail}` });
      assert.equal(url, 'https://s.example/x/services/collector/event');
    }
  });

  it('asks for acknowledgements on a channel that stays the same', () => {
    const channelOf = (settings: JsonObject) => {
      return requestOf({ ack: true, ...settings }).headers['x-splunk-request-channel']!;
    };
    const channel = channelOf({});
    // After an update as well.
    assert.equal(channel, 'b2a66dd5-3eb9-fbc8-c9d7-0c9dd9eface7');
    assert.notEqual(channelOf({ source: 'another' }), channel);
    const own = '7a3e3d4c-0000-4000-8000-1234567890ab';
    assert.equal(channelOf({ channel: own }), own);
    assert.throws(() => configured({ channel: own }), /nothing without ack/);
    const { confirm } = configured({ ack: true }).transport;
    const { url, headers, body } = confirm!.request(['7', '8'], SECRETS);
    assert.equal(url, `${COLLECTOR}/services/collector/ack`);
    assert.equal(headers['x-splunk-request-channel'], channel);
    assert.equal(Buffer.from(body!).toString(), '{"acks":[7,8]}');
  });

  it('can ask for health alone', () => {
    const { method, url, body } = configured().transport.probe!(SECRETS);
    assert.deepEqual(
      [method, url, body],
      ['GET', `${COLLECTOR}/services/collector/health`, undefined],
    );
  });
});
