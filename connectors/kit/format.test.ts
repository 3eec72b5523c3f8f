import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ALERT_BYTES_MAX,
  ALERT_EVIDENCE_MAX,
  isObject,
  type JsonObject,
  readPath,
} from '@vitrine/schema';
import { LONG_PROOF, sampleAlerts } from './conformance/sample-log.ts';
import type { DeliverableAlert } from './contract.ts';
import { fitAlert } from './fit.ts';
import { alertJson, JSON_DIALECTS, type JsonDialect } from './format.ts';

const sample = (fields: JsonObject = {}): DeliverableAlert => sampleAlerts([{ fields }])[0]!;

/** Where each dialect has log, index, leaf, link and proof. */
const PLACE = { ocsf: 'unmapped.vitrine', ecs: 'vitrine', vitrine: '' };

function placeIn(made: JsonObject, dialect: JsonDialect): JsonObject {
  const place = PLACE[dialect] === '' ? made : readPath(made, PLACE[dialect]);
  assert.ok(isObject(place));
  return place;
}

describe('alertJson', () => {
  for (const dialect of JSON_DIALECTS) {
    it(`${dialect} has the alert's id, its place and its proof`, () => {
      const alert = sample();
      const made = alertJson(alert, dialect);
      const { log, index, leaf, proof, link, test, trimmed } = placeIn(made, dialect);
      assert.deepEqual(
        { log, index, leaf, proof, link },
        {
          log: alert.log,
          index: alert.index,
          leaf: alert.leaf,
          proof: alert.proof,
          link: alert.link,
        },
      );
      assert.ok(JSON.stringify(made).includes(alert.id));
      assert.deepEqual([test, trimmed], [undefined, undefined]);
    });

    it(`${dialect} says of a test that it is one`, () => {
      assert.equal(placeIn(alertJson({ ...sample(), test: true }, dialect), dialect).test, true);
    });
  }

  it('is about the session and the host that the alert names', () => {
    const { actor, device } = alertJson(sample(), 'ocsf') as { actor: Json; device: Json };
    assert.deepEqual(actor, { session: { uid: 'session-0' } });
    assert.equal(device.hostname, 'build-7');
    assert.equal(readPath(alertJson(sample(), 'ecs'), 'event.kind'), 'alert');
  });
});

type Json = Record<string, unknown>;

describe('fitAlert', () => {
  const written = (alert: DeliverableAlert, dialect: JsonDialect): JsonObject => {
    const body = fitAlert(alert, (fitting, trimmed) => {
      return Buffer.from(JSON.stringify(alertJson(fitting, dialect, trimmed)));
    });
    assert.ok(body.length <= ALERT_BYTES_MAX);
    return JSON.parse(body.toString()) as JsonObject;
  };

  for (const dialect of JSON_DIALECTS) {
    it(`keeps what an alert is in ${dialect}, whatever else is too long`, () => {
      const long = 'é'.repeat(2_000);
      const members = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`m_${i}`, long]));
      const fields = { ...members, what: long, todo: long, title: long, subject: long };
      const alert = { ...sample({ ...fields, tags: [long], host: { name: long } }) };
      const made = written({ ...alert, proof: LONG_PROOF }, dialect);
      const place = placeIn(made, dialect);
      assert.equal(place.proof, LONG_PROOF);
      assert.equal(place.leaf, alert.leaf);
      assert.ok(JSON.stringify(made).includes(alert.id));
      assert.ok(JSON.stringify(made).includes('EGR-001'));
      const severity = { ocsf: 'severity_id', ecs: 'event.severity', vitrine: 'severity' };
      assert.ok([4, 73, 'high'].includes(readPath(made, severity[dialect]) as never));
      assert.equal((place.trimmed as string[]).at(-1), 'members');
    });
  }

  it('sends one piece of much evidence, and what happened as it is', () => {
    const leaf = Buffer.alloc(32, 7).toString('base64');
    const evidence = Array.from({ length: ALERT_EVIDENCE_MAX }, (_, i) => {
      return { index: 1_000_000 + i, leaf, log: 'default.0.1' };
    });
    const event = { kind: 'approval.decision', decision: { value: 'accept', latency_ms: 120 } };
    const alert = sample({ evidence, event, what: 'w'.repeat(250) });
    const made = written({ ...alert, proof: LONG_PROOF }, 'vitrine');
    assert.deepEqual(made.evidence, evidence.slice(0, 1));
    assert.deepEqual([made.what, made.event], ['w'.repeat(250), event]);
  });

  it('tells no step that took nothing from the format', () => {
    const place = placeIn(written(sample({ tags: ['t'.repeat(9_000)] }), 'ocsf'), 'ocsf');
    assert.deepEqual(place.trimmed, ['chain', 'evidence', 'tags']);
  });

  it('leaves alone what fits, and refuses what cannot be made to fit', () => {
    const write = (): Buffer => Buffer.alloc(100);
    assert.equal(fitAlert(sample(), write, 100).length, 100);
    assert.throws(() => fitAlert(sample(), write, 99), { code: 'ALERT_TOO_LARGE' });
  });
});
