import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ALERT_BYTES_MAX, type JsonObject } from '@vitrine/schema';
import { assertInTree } from '../kit/conformance/redaction.ts';
import { LONG_PROOF, sampleAlerts } from '../kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../kit/contract.ts';
import { encodeWebhook } from './encode.ts';

const golden = (name: string): Buffer => readFileSync(new URL(`golden/${name}`, import.meta.url));
const goldenAlert = (name: string): DeliverableAlert => JSON.parse(golden(name).toString());

interface Body {
  type: string;
  timestamp: string;
  data: JsonObject & { trimmed?: string[] };
}

function bodyOf(alert: DeliverableAlert): Body {
  return JSON.parse(encodeWebhook(alert).toString('utf8')) as Body;
}

function sample(fields: JsonObject): DeliverableAlert {
  return sampleAlerts([{ fields }])[0]!;
}

describe('encodeWebhook', () => {
  for (const name of ['alert', 'long-alert']) {
    it(`writes the golden bytes of ${name}`, () => {
      const body = encodeWebhook(goldenAlert(`${name}.json`));
      assert.equal(body.toString('utf8'), golden(`${name}.body`).toString('utf8'));
      assert.ok(body.length <= ALERT_BYTES_MAX);
    });
  }

  it('says what happened and where the proof is', () => {
    const alert = sample({});
    const { type, timestamp, data } = bodyOf(alert);
    assert.equal(type, 'alert.created');
    assert.equal(timestamp, '2025-11-24T16:00:00.000Z');
    assert.deepEqual(data, {
      ...alert.record,
      log: alert.log,
      index: alert.index,
      leaf: alert.leaf,
      proof: alert.proof,
      link: alert.link,
    });
  });

  it('lets the receiver rebuild the record and check it against the signed tree', () => {
    const { log: _log, index, leaf, proof, link: _link, ...record } = bodyOf(sample({})).data;
    assertInTree(record, { index: Number(index), leaf: String(leaf), proof: String(proof) });
  });

  it('marks a test', () => {
    assert.equal(bodyOf({ ...sample({}), test: true }).data.test, true);
  });

  it('keeps its own members when a record has some of the same name', () => {
    const alert = sample({});
    const { data } = bodyOf({ ...alert, record: { ...alert.record, proof: 'none', log: 'x' } });
    assert.equal(data.proof, alert.proof);
    assert.equal(data.log, alert.log);
  });
});

describe('trimming', () => {
  const evidence = Array.from({ length: 8 }, (_, n) => {
    return { log: 'default.0.1', index: n, leaf: Buffer.alloc(32, n).toString('base64') };
  });

  it('leaves a body of the largest size alone, and trims one byte more', () => {
    const bytes = encodeWebhook(sample({ what: '' })).length;
    const fitting = 'x'.repeat(ALERT_BYTES_MAX - bytes);
    const whole = encodeWebhook(sample({ what: fitting }));
    assert.equal(whole.length, ALERT_BYTES_MAX);
    assert.equal(bodyOf(sample({ what: fitting })).data.trimmed, undefined);
    const { data } = bodyOf(sample({ what: `${fitting}x` }));
    assert.deepEqual(data.trimmed, ['chain']);
    assert.equal(data.prev, undefined);
    assert.equal(data.what, `${fitting}x`);
  });

  it('gives up the least missed first', () => {
    const long = 'é'.repeat(2_000);
    const alert = sample({ what: long, todo: long, evidence, event: { kind: 'x', path: long } });
    const { data } = bodyOf(alert);
    assert.deepEqual(data.trimmed, ['chain', 'event', 'texts']);
    assert.equal(String(data.what).length, 300);
    assert.deepEqual(data.evidence, evidence);
    assert.deepEqual(data.tags, alert.record.tags);
  });

  it('keeps proof, id, rule, leaf and the first evidence whatever else is too long', () => {
    const members = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`extra_${i}`, 'y'.repeat(200)]),
    );
    const host = { name: 'h'.repeat(3_000), process: { pid: 1, exe: 'p'.repeat(3_000) } };
    const alert = sample({ ...members, host, evidence, tags: ['t'.repeat(3_000)] });
    const proved = { ...alert, proof: LONG_PROOF };
    const { data } = bodyOf(proved);
    assert.ok(encodeWebhook(proved).length <= ALERT_BYTES_MAX);
    assert.equal(data.proof, LONG_PROOF);
    assert.equal(data.id, alert.id);
    assert.equal(data.rule, 'EGR-001');
    assert.equal(data.leaf, alert.leaf);
    assert.deepEqual(data.evidence, [evidence[0]]);
    assert.deepEqual(data.trimmed, [
      'chain',
      'evidence',
      'tags',
      'event',
      'host',
      'texts',
      'members',
    ]);
  });

  it('fits an ordinary alert with a proof of a very large log, whole but for its chain', () => {
    const { data } = bodyOf({ ...sample({}), proof: LONG_PROOF });
    assert.ok(data.trimmed === undefined || data.trimmed.length <= 1, `${data.trimmed}`);
    assert.equal(data.what, sample({}).record.what);
  });

  it('refuses an alert whose proof alone is too long', () => {
    const alert = { ...sample({}), proof: 'p'.repeat(ALERT_BYTES_MAX) };
    assert.throws(() => encodeWebhook(alert), { code: 'ALERT_TOO_LARGE' });
  });

  it('never leaves half a character', () => {
    const { data } = bodyOf(sample({ what: `${'x'.repeat(298)}😀${'y'.repeat(5_000)}` }));
    assert.ok(String(data.what).isWellFormed());
  });
});
