import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import { alertTable } from './alerts.ts';
import type { Content } from './content.ts';
import { html } from './html.ts';

function shown(leaves: [chain: string, record: JsonObject][]): string {
  const attached = leaves.map(([chain, { kind }], index) => ({ index, chain, kind: String(kind) }));
  const records = new Map(leaves.map(([, record], index) => [index, record]));
  const page = alertTable(
    { attached } as unknown as Verdict,
    {
      attached: records,
    } as unknown as Content,
  );
  return html`${page}`.source;
}

const BY = { name: 'Ada', role: 'analyst', token: '12ab' };

test('alerts and acts say what was raised, what was decided, and by whom', () => {
  const page = shown([
    ['log/alert', { kind: 'alert', id: 'a1', severity: 'high', rule: 'EGR-001', title: 'Out' }],
    ['log/alert', { kind: 'alert.state', alert: 'a1', state: 'acknowledged', assignee: 'Bo' }],
    [
      'log/alert',
      { kind: 'alert.state', alert: 'a1', state: 'closed', verdict: 'false_positive', by: BY },
    ],
  ]);
  for (const text of [
    'raised: high, EGR-001: Out',
    'acknowledged, with Bo',
    'Ada, analyst, 12ab',
  ]) {
    assert.ok(page.includes(text), text);
  }
  assert.ok(page.includes('closed, false_positive'));
});

test('what another chain calls an alert is none, and texts of others stay texts', () => {
  assert.equal(shown([['s1/b0.host', { kind: 'alert', id: 'forged' }]]), '');
  const bold = '<b>x</b>';
  const record = { kind: 'alert', id: bold, rule: bold, title: bold, severity: [1], by: bold };
  assert.ok(!shown([['log/alert', record as JsonObject]]).includes(bold));
  const odd = { kind: 'alert.state', alert: 7, state: {}, by: { name: null } } as JsonObject;
  assert.ok(shown([['log/alert', odd]]).includes('—'));
});
