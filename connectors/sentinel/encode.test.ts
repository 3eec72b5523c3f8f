import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ALERT_BYTES_MAX, type JsonObject } from '@vitrine/schema';
import { sampleAlerts } from '../kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../kit/contract.ts';
import { COLUMNS } from './columns.ts';
import { encodeSentinel } from './encode.ts';

const file = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const GOLDEN = JSON.parse(file('golden/alert.json')) as DeliverableAlert;

function rowOf(alert: DeliverableAlert): JsonObject {
  return JSON.parse(encodeSentinel(alert).toString('utf8')) as JsonObject;
}

function sample(fields: JsonObject): DeliverableAlert {
  return sampleAlerts([{ fields }])[0]!;
}

/** Says everything about everything: a row of it has every column. */
const WHOLE: DeliverableAlert = {
  ...GOLDEN,
  record: {
    ...GOLDEN.record,
    what: 'x'.repeat(5_000),
    event: {
      kind: 'tool.call',
      user: { id: 'u1', email: 'alice@example.com' },
      tool: { name: 'Bash' },
      process: { pid: 7, exe: '/bin/sh', argv: ['sh'] },
      file: { path: '/a' },
      net: { dst_host: 'b.example', dst_ip: '203.0.113.9', dst_port: 443 },
      http: { method: 'GET', path: '/' },
    },
    extra: 'no field has it',
  },
  test: true,
};

describe('encodeSentinel', () => {
  it('writes the golden row', () => {
    assert.equal(encodeSentinel(GOLDEN).toString('utf8'), file('golden/alert.row'));
  });

  it('writes every column, each of its type, and no other', () => {
    const row = rowOf(WHOLE);
    assert.deepEqual(
      Object.keys(row),
      COLUMNS.map(({ name }) => name),
    );
    for (const { name, type } of COLUMNS) assert.ok(isOf(type, row[name]), `${name}: ${type}`);
  });

  it('leaves a column out of which the alert says nothing', () => {
    const row = rowOf(sample({ tags: [], host: { name: 'build-7' }, event: { kind: 'other' } }));
    assert.deepEqual(
      ['Tags', 'Tactics', 'DvcIpAddr', 'ProcessId', 'IsTest', 'Trimmed'].filter((n) => n in row),
      [],
    );
    assert.equal(row.DvcHostname, 'build-7');
  });

  it('has the severities that Sentinel knows, and the word of the rule', () => {
    const words = ['informational', 'low', 'medium', 'high', 'critical', 'unheard of'];
    const rows = words.map((severity) => rowOf(sample({ severity })));
    assert.deepEqual(
      rows.map((row) => `${row.AlertSeverity} ${row.OriginalSeverity}`),
      [
        'Informational informational',
        'Low low',
        'Medium medium',
        'High high',
        'High critical',
        'Medium medium',
      ],
    );
  });

  it('keeps proof, id, rule and leaf of an alert of any length, within the size of all', () => {
    const long = 'é😀'.repeat(1_500);
    const members = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`m${i}`, 'y'.repeat(200)]),
    );
    const alert = sample({ ...members, what: long, todo: long, host: { name: long } });
    const bytes = encodeSentinel(alert);
    assert.ok(bytes.length <= ALERT_BYTES_MAX);
    const row = rowOf(alert);
    const { AlertId, RuleId, Proof, LeafHash, LeafIndex, Log, Link } = row;
    assert.deepEqual(
      { AlertId, RuleId, Proof, LeafHash, LeafIndex, Log, Link },
      {
        AlertId: alert.id,
        RuleId: 'EGR-001',
        Proof: alert.proof,
        LeafHash: alert.leaf,
        LeafIndex: alert.index,
        Log: alert.log,
        Link: alert.link,
      },
    );
    assert.ok((row.Trimmed as string[]).includes('members'));
    assert.ok(String(row.AlertName).isWellFormed());
  });

  it('refuses an alert whose proof alone is too long', () => {
    const alert = { ...sample({}), proof: 'p'.repeat(ALERT_BYTES_MAX) };
    assert.throws(() => encodeSentinel(alert), { code: 'ALERT_TOO_LARGE' });
  });
});

interface Resource {
  type: string;
  properties: {
    schema?: { columns: Declared[] };
    streamDeclarations?: Record<string, { columns: Declared[] }>;
  };
}
interface Declared {
  name: string;
  type: string;
}

describe('the template table.json', () => {
  const { resources } = JSON.parse(file('table.json')) as { resources: Resource[] };
  const written = COLUMNS.map(({ name, type }) => ({ name, type }));
  /** "Custom table": names that a table keeps for itself. */
  const reserved = [
    '_ResourceId',
    'id',
    '_SubscriptionId',
    'TenantId',
    'Type',
    'UniqueId',
    'Title',
  ];

  it('declares in the table exactly what is written', () => {
    const table = resources.find(({ type }) => type.endsWith('/tables'))!;
    assert.deepEqual(table.properties.schema!.columns, written);
  });

  it('declares in the stream exactly what is written, or a column would vanish', () => {
    const rule = resources.find(({ type }) => type.endsWith('/dataCollectionRules'))!;
    const streams = rule.properties.streamDeclarations!;
    assert.deepEqual(Object.keys(streams), ['Custom-VitrineAlerts_CL']);
    assert.deepEqual(streams['Custom-VitrineAlerts_CL']!.columns, written);
  });

  it('names no parameter and no variable that it does not have, and uses all it has', () => {
    const text = file('table.json');
    const template = JSON.parse(text) as Record<'parameters' | 'variables', object>;
    for (const kind of ['parameters', 'variables'] as const) {
      const used = [...text.matchAll(new RegExp(`${kind}\\('([^']+)'\\)`, 'g'))].map(([, n]) => n!);
      assert.deepEqual(new Set(used), new Set(Object.keys(template[kind])));
    }
  });

  it('uses names that a table may have', () => {
    for (const { name } of written) {
      assert.match(name, /^[A-Za-z][A-Za-z0-9_]{0,44}$/);
      assert.ok(!reserved.includes(name), name);
    }
  });

  it('has a row of the page for every column', () => {
    const page = file('README.md');
    for (const { name, type } of written) {
      assert.match(page, new RegExp(`\\| \`${name}\` +\\| ${type} +\\|`), name);
    }
  });
});

function isOf(type: string, value: unknown): boolean {
  if (type === 'dynamic') return typeof value === 'object' && value !== null;
  if (type === 'long') return Number.isSafeInteger(value);
  if (type === 'datetime') return !Number.isNaN(Date.parse(String(value)));
  return typeof value === type;
}
