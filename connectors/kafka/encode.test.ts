import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ALERT_BYTES_MAX, type JsonObject, KAFKA_MESSAGE_OVERHEAD_BYTES } from '@vitrine/schema';
import { alertEntry } from '@vitrine/schema/normalise';
import fc from 'fast-check';
import { sampleAlerts } from '../kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../kit/contract.ts';
import { encodeKafka } from './encode.ts';
import { framed, unframed } from './message.ts';

const DIALECTS = ['ocsf', 'ecs', 'cef', 'leef', 'vitrine'] as const;
const golden = (name: string): string => {
  return readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8');
};
const messageOf = (alert: DeliverableAlert, dialect: (typeof DIALECTS)[number] = 'vitrine') => {
  return unframed(encodeKafka(alert, { dialect }));
};

describe('an alert for a topic', () => {
  for (const name of ['alert', 'long-alert']) {
    for (const dialect of DIALECTS) {
      it(`has the golden bytes of ${name} in ${dialect}`, () => {
        const alert = JSON.parse(golden(`${name}.json`)) as DeliverableAlert;
        const bytes = encodeKafka(alert, { dialect });
        assert.equal(bytes.toString('utf8'), golden(`${name}.${dialect}.message`));
        assert.ok(unframed(bytes).value.length <= ALERT_BYTES_MAX);
      });
    }
  }

  it('has its session as key, and its id and place in its headers, in every dialect', () => {
    const alert = sampleAlerts([{ subject: 's1' }])[0]!;
    for (const dialect of DIALECTS) {
      const { key, headers, value } = messageOf(alert, dialect);
      assert.equal(key, 's1');
      assert.deepEqual(headers, {
        'content-type': dialect === 'cef' || dialect === 'leef' ? 'text/plain' : 'application/json',
        'vitrine-id': alert.id,
        'vitrine-log': alert.log,
        'vitrine-index': String(alert.index),
        'vitrine-leaf': alert.leaf,
      });
      assert.ok(value.includes(alert.id), dialect);
    }
  });

  it('has the proof where there is room', () => {
    const alert = sampleAlerts([{}])[0]!;
    const value = JSON.parse(messageOf(alert).value.toString()) as JsonObject;
    assert.equal(value.proof, alert.proof);
    const ocsf = messageOf(alert, 'ocsf').value.toString();
    assert.ok(ocsf.includes(JSON.stringify(alert.proof)));
  });

  it('has no key without a session', () => {
    for (const subject of ['', 7, null]) {
      const alert = sampleAlerts([{ fields: { subject } }])[0]!;
      assert.equal(messageOf(alert).key, null);
    }
  });

  it('says that it is a test', () => {
    const alert = { ...sampleAlerts([{}])[0]!, test: true as const };
    assert.equal(messageOf(alert).headers['vitrine-test'], 'true');
  });

  it('has less around its value than the batches reckon with', () => {
    const place = { log: `${'t'.repeat(63)}.999.1000`, index: Number.MAX_SAFE_INTEGER };
    const alert = { ...sampleAlerts([{ subject: 's'.repeat(128) }])[0]!, ...place };
    const bytes = encodeKafka(alert, { dialect: 'ocsf' });
    assert.ok(bytes.length - unframed(bytes).value.length < KAFKA_MESSAGE_OVERHEAD_BYTES);
  });
});

describe('a row of a subscription', () => {
  const alert = sampleAlerts([{}])[0]!;
  const record = { kind: 'tool.call', log: 'its own', tool: { name: 'Bash' } };
  const entry = { ...alertEntry(alert), session: 's9', shim: 'b1', kind: 'tool.call', record };
  const event = { ...alert, id: 'default.0.1/3', record, proof: '', row: { session: 's9', entry } };

  it('that is an event has the key of its session and the whole record', () => {
    const { key, headers, value } = messageOf(event);
    assert.equal(key, 's9');
    assert.equal(headers['vitrine-id'], 'default.0.1/3');
    const { id, ...rest } = JSON.parse(value.toString()) as JsonObject;
    assert.deepEqual({ id, ...rest }, { id: 'default.0.1/3', ...entry });
  });

  it('that is an event speaks every dialect', () => {
    const ocsf = JSON.parse(messageOf(event, 'ocsf').value.toString()) as JsonObject;
    assert.equal(ocsf.class_uid, 6003);
    const ecs = JSON.parse(messageOf(event, 'ecs').value.toString()) as JsonObject;
    assert.equal((ecs.vitrine as JsonObject).index, event.index);
    assert.match(messageOf(event, 'cef').value.toString(), /^CEF:0\|/);
    assert.match(messageOf(event, 'leef').value.toString(), /^LEEF:2\.0\|/);
  });

  it('that is a checkpoint is the note, byte for byte, in every dialect', () => {
    const note = 'vitrine.local/0badcafe/default.0.1\n4\nAAAA\n\n— vitrine.local BBBB\n';
    const row = { session: 'default.0.1', note };
    for (const dialect of DIALECTS) {
      const { key, headers, value } = messageOf({ ...alert, record: {}, row }, dialect);
      assert.deepEqual([key, value.toString()], ['default.0.1', note]);
      assert.equal(headers['content-type'], 'text/plain');
    }
  });
});

describe('a framed message', () => {
  it('is read as it was written', () => {
    const members = {
      key: fc.option(fc.string({ unit: 'binary' })),
      headers: fc.dictionary(
        fc.string().filter((name) => name !== '__proto__'),
        fc.string(),
        { noNullPrototype: true },
      ),
      value: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    };
    const message = fc.record(members, { noNullPrototype: true });
    fc.assert(fc.property(message, (made) => assert.deepEqual(unframed(framed(made)), made)));
  });
});
