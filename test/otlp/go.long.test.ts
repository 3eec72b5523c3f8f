/**
 * The official definitions as Go's protobuf libraries write them: messages of every field,
 * exemplars and summaries included, integers at every edge, and numbers that are none.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import type { OtlpJson, OtlpMessage, Signal } from '@vitrine/schema';
import { REPOSITORY, Stage } from '../acceptance/path/collector-process.ts';
import { buildGo } from '../acceptance/path/go.ts';
import { isGiven } from '../acceptance/path/requirement.ts';
import { assertAgrees } from './agree.ts';

const SOURCE = join(REPOSITORY, 'test/interop/official');
const REQUESTS = 20_000;
const OUTPUT_BYTES_MAX = 1_073_741_824;
/** The members of a request that hold the groups, the scopes in them, and the records in these. */
const MEMBERS = {
  logs: ['resourceLogs', 'scopeLogs', 'logRecords', 'logRecord'],
  traces: ['resourceSpans', 'scopeSpans', 'spans', 'span'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics', 'metric'],
} as const;
const IDS = new Set(['traceId', 'spanId', 'parentSpanId']);

interface Line {
  signal: Signal;
  protobuf: string;
  json: OtlpMessage;
}

/** Ids are hex in OTLP/JSON, where proto3 has base64; the rest is proto3's own. */
function inOtlp(json: OtlpJson): OtlpJson {
  if (Array.isArray(json)) return json.map(inOtlp);
  if (typeof json !== 'object') return json;
  const members = Object.entries(json).map(([name, value]) => {
    const isId = IDS.has(name) && typeof value === 'string';
    return [name, isId ? Buffer.from(value, 'base64').toString('hex') : inOtlp(value)];
  });
  return Object.fromEntries(members) as OtlpMessage;
}

/** What part `otlp` of each record says. */
function recordsOf(signal: Signal, request: OtlpMessage): OtlpMessage[] {
  const [resources, scopes, items, member] = MEMBERS[signal];
  const list = (of: OtlpMessage, name: string) => (of[name] ?? []) as OtlpMessage[];
  return list(request, resources).flatMap((outer) =>
    list(outer, scopes).flatMap((inner) => {
      const context: OtlpMessage = { resource: outer.resource ?? {}, scope: inner.scope ?? {} };
      if (outer.schemaUrl !== undefined) context.resourceSchemaUrl = outer.schemaUrl;
      if (inner.schemaUrl !== undefined) context.scopeSchemaUrl = inner.schemaUrl;
      return list(inner, items).map((one) => ({ ...context, [member]: one }));
    }),
  );
}

test('what Go writes of every field is what was put in', (t) => {
  const { dir } = new Stage(t);
  const program = join(dir, 'official');
  const without = buildGo(SOURCE, program);
  if (!isGiven(t, without === '', without)) return;
  const seed = randomInt(2 ** 31);
  const ran = spawnSync(program, [String(seed), String(REQUESTS)], {
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  assert.equal(ran.status, 0, ran.stderr);
  let records = 0;
  for (const [i, line] of ran.stdout.trimEnd().split('\n').entries()) {
    const { signal, protobuf, json } = JSON.parse(line) as Line;
    const request = inOtlp(json) as OtlpMessage;
    const expected = recordsOf(signal, request);
    records += expected.length;
    const wire = Buffer.from(protobuf, 'base64');
    try {
      assertAgrees({
        signal,
        protobuf: wire,
        json: Buffer.from(JSON.stringify(request)),
        expected,
      });
    } catch (error) {
      throw new Error(`request ${i} of seed ${seed}`, { cause: error });
    }
  }
  t.diagnostic(`seed ${seed}: ${REQUESTS} requests, ${records} records`);
});
