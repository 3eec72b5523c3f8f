/** What a record is said to weigh is the same wherever another tool reads it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SEVERITIES } from '@vitrine/schema/normalise';
import type { RecordRow } from '@vitrine/store';
import { NO_HOST } from '../api/hosts.ts';
import { pieceOf } from './formats.ts';

const ORIGIN = 'vitrine.local/0a1b2c3d/default.0.1';

function numberOf(more: Partial<RecordRow>, record: object): number {
  const write = pieceOf('otlp-json', {
    ...{ origin: ORIGIN, publicUrl: 'http://v', hostOf: () => NO_HOST },
    ...{ partsOf: () => new Map(), noteOf: () => undefined },
  });
  const text = JSON.stringify({ kind: more.kind, t: '1', ...record });
  const place = { log: 'default.0.1', idx: 1, leaf: Buffer.alloc(32), observed: '1', title: '' };
  const row = { ...place, ...more, record: text } as RecordRow;
  return (JSON.parse(String(write(row))) as { severityNumber: number }).severityNumber;
}

test('a page in OTLP has the severities that connectors send', () => {
  const alert = { session: 'log', shim: 'alert', kind: 'alert', severity: 5 };
  for (const [severity, { otlp }] of Object.entries(SEVERITIES)) {
    assert.equal(numberOf(alert, { severity }), otlp, severity);
  }
  const event = { session: 's', shim: 'in', kind: 'file.read' };
  const ranks = [0, 1, 2].map((severity) => numberOf({ ...event, severity }, {}));
  assert.deepEqual(ranks, [9, 10, 13]);
});
