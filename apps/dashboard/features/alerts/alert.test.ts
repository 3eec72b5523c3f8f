import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventItem } from '@vitrine/schema/api';
import { alertOf } from './alert.ts';

const RECORD = {
  id: 'alr_774c5590a92ffef9661fa770f3d81246',
  rule: 'EGR-001',
  title: 'Foreign credential on an allowed provider host',
  severity: 'critical',
  subject: 's1',
  vantage: 'boundary',
  what: 'POST /v1/files',
  todo: 'Stop the sandbox.',
  evidence: [{ index: 239, leaf: '2PhP', log: 'default.0.1' }],
  host: {
    name: 'vm',
    process: { exe: '/usr/bin/node', pid: 17_521, start: '112671' },
    edr: { vendor: 'falcon', device_id: 'd1' },
  },
  tags: ['attack.t1567'],
  event: { http: { host: 'api.example', status: 200 }, kind: 'egress.request' },
};

const item = (record: object): EventItem =>
  ({ record, index: 249, log: 'default.0.1', t: '1' }) as unknown as EventItem;

describe('an alert', () => {
  it('is read from its record', () => {
    const alert = alertOf(item(RECORD));
    assert.equal(alert.rule, 'EGR-001');
    assert.equal(alert.severity, 'critical');
    assert.deepEqual(alert.evidence, RECORD.evidence);
    assert.deepEqual(alert.host, RECORD.host);
    assert.deepEqual(alert.fields, [
      ['http.host', 'api.example'],
      ['http.status', '200'],
      ['kind', 'egress.request'],
    ]);
  });

  it('with members of another form is shown without them, not as an error', () => {
    const evil = {
      severity: 'constructor',
      title: { a: 1 },
      evidence: [null, 7, { log: 'x', index: 1.5, leaf: 'a' }, { log: 1, index: 1, leaf: 'a' }],
      host: ['a'],
      tags: ['ok', 7, null],
      event: 'text',
    };
    const alert = alertOf(item(evil));
    assert.equal(alert.severity, 'informational');
    assert.equal(alert.title, '');
    assert.deepEqual(alert.evidence, []);
    assert.deepEqual(alert.host, {});
    assert.deepEqual(alert.tags, ['ok']);
    assert.deepEqual(alert.fields, []);
    assert.deepEqual(alertOf(item({ host: { edr: { vendor: 'v' }, name: 7 } })).host, {});
  });
});
