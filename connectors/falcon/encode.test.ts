import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ALERT_BYTES_MAX, type JsonObject } from '@vitrine/schema';
import { sampleAlerts } from '../kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../kit/contract.ts';
import { SecretReader } from '../kit/secret.ts';
import { falcon } from './index.ts';

const golden = (name: string): string => {
  return readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8');
};
const SAMPLE = JSON.parse(golden('sample.json')) as { config: JsonObject; environment: JsonObject };
const SECRETS = new SecretReader(SAMPLE.environment as Record<string, string>);
const API_URL = 'https://0abc.ingest.us-1.example/services/collector';

function configured(settings: JsonObject = {}) {
  return falcon.configure('soc', { ...SAMPLE.config, url: API_URL, ...settings });
}

function eventOf(alert: DeliverableAlert, settings: JsonObject = {}): JsonObject {
  return JSON.parse(Buffer.from(configured(settings).encode(alert)).toString()) as JsonObject;
}

describe('an event for Falcon', () => {
  for (const name of ['alert', 'long-alert']) {
    it(`has the golden bytes of ${name}`, () => {
      const alert = JSON.parse(golden(`${name}.json`)) as DeliverableAlert;
      const bytes = configured().encode(alert);
      assert.equal(Buffer.from(bytes).toString(), golden(`${name}.body`));
      assert.ok(bytes.length <= ALERT_BYTES_MAX);
    });
  }

  it('names no parser and no index that nobody asked for', () => {
    const [alert] = sampleAlerts([{}]);
    const { event, ...envelope } = eventOf(alert!);
    assert.equal((event as { ecs: JsonObject }).ecs.version, '9.4.0');
    assert.deepEqual(envelope, {
      time: 1764000000,
      host: 'build-7',
      source: 'vitrine',
      fields: { dedupe_id: alert!.id, severity: 'high' },
    });
    assert.equal(eventOf(alert!, { sourcetype: 'vitrine-ecs' }).sourcetype, 'vitrine-ecs');
  });

  it('has nothing nested in its fields, whatever the alert holds', () => {
    for (const severity of [{ deep: 1 }, ['a'], 7, null]) {
      const { fields } = eventOf(sampleAlerts([{ fields: { severity } }])[0]!);
      assert.equal((fields as JsonObject).severity, 'medium');
    }
  });
});

describe('a request to Falcon', () => {
  const requestOf = (settings: JsonObject = {}) => {
    const connector = configured(settings);
    const items = sampleAlerts([{}, {}]).map((alert) => {
      return { id: alert.id, bytes: connector.encode(alert) };
    });
    return connector.transport.request({ items, atMs: 0, attempt: 1 }, SECRETS);
  };

  it('has events one after another, and the key after the word Bearer', () => {
    const { method, url, headers, body } = requestOf();
    assert.deepEqual([method, url], ['POST', API_URL]);
    assert.equal(headers.authorization, `Bearer ${SAMPLE.environment.FALCON_KEY}`);
    const lines = Buffer.from(body!).toString().split('\n');
    assert.equal(lines.length, 2);
    for (const line of lines) assert.ok(JSON.parse(line));
  });

  it('goes where the console says, and to the usual path where it says none', () => {
    const paths = { '': '/services/collector', '/': '/services/collector', '/raw': '/raw' };
    for (const [given, path] of Object.entries(paths)) {
      assert.equal(new URL(requestOf({ url: `https://f.example${given}` }).url).pathname, path);
    }
  });
});

describe('an answer of Falcon', () => {
  it('counts by its status alone', () => {
    const kinds: Record<number, string> = {
      200: 'ok',
      400: 'dead',
      401: 'pause',
      403: 'pause',
      404: 'pause',
      413: 'dead',
      429: 'retry',
      503: 'retry',
    };
    for (const [status, kind] of Object.entries(kinds)) {
      for (const body of ['', '{"text":"Success","code":0}', '<html>']) {
        const answer = { status: Number(status), headers: {}, body, receivedAtMs: 0 };
        assert.equal(configured().transport.classify(answer, [], SECRETS).kind, kind, status);
      }
    }
  });
});
