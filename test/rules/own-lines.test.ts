/** Lines of streams that stand for a relay's own records are of the form that it writes. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SHIPPED_RULES } from '@vitrine/detect';
import {
  byeEvent,
  heartbeatEvent,
  helloEvent,
  shimGapEvent,
  spoolGapEvent,
} from '../../apps/relay/src/chain/own.ts';
import { dropEvent } from '../../apps/relay/src/custody/drops.ts';

const T = '1795425180000000000';
const hello = { boot: 'b', versions: {}, k0: 'k', previous: undefined, tornBytes: 0 };
const shim = { id: 1, vantage: 'boundary', name: 's', last: 1, declared: true } as const;
const vitals = { spoolBytes: 0, spoolCap: 1, dropped: 0 };
const refused = { vantage: 'boundary', reason: 'spool_full', requests: 1, records: 1 } as const;
const kinds = new Map([['file.read', 1]]);
const shims = new Map([['s', { first: 1, last: 1 }]]);
const WRITTEN = [
  helloEvent(T, hello),
  heartbeatEvent(T, [{ ...shim, records: 1, seenNs: 1n }], vitals),
  shimGapEvent(T, 's', 1, 2),
  spoolGapEvent(T, 'c', 1, 2),
  dropEvent(T, { ...refused, kinds, shims, from: T, to: T }),
  byeEvent(T, 1, 'stop'),
];

test('relay lines have the members that the relay writes', () => {
  const forms = new Set(WRITTEN.map(({ kind, fields }) => formOf({ kind, t: T, ...fields })));
  const files = globSync('streams/*/*.txt', { cwd: SHIPPED_RULES });
  const lines = files.flatMap((file) => {
    const text = readFileSync(new URL(file, SHIPPED_RULES), 'latin1');
    return text.split('\n').filter((line) => /^(# )?relay \w+ \{/.test(line));
  });
  assert.ok(lines.length > 20);
  for (const line of lines) {
    const form = formOf(JSON.parse(line.slice(line.indexOf('{'))));
    assert.ok(forms.has(form), `${line}\n${form} is none of ${[...forms].join('\n')}`);
  }
});

/** Kind and names, of objects within as well. */
function formOf(body: { kind: string; [member: string]: unknown }): string {
  const names = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(names);
    if (typeof value !== 'object' || value === null) return null;
    const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.map(([name, each]) => [name, name === 'versions' ? null : names(each)]);
  };
  return `${body.kind} ${JSON.stringify(names(body))}`;
}
