import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ALERT_BYTES_MAX, isObject, type Json, type JsonObject } from '@vitrine/schema';
import { sampleAlerts } from '../kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../kit/contract.ts';
import { encodeElastic } from './encode.ts';

const file = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const GOLDEN = JSON.parse(file('golden/alert.json')) as DeliverableAlert;
const CONFIG = { namespace: 'default' };

function linesOf(alert: DeliverableAlert, config = CONFIG): JsonObject[] {
  const lines = encodeElastic(alert, config).toString('utf8').split('\n');
  assert.equal(lines.length, 2);
  return lines.map((line) => JSON.parse(line) as JsonObject);
}

const documentOf = (alert: DeliverableAlert, config = CONFIG): JsonObject => {
  return linesOf(alert, config)[1]!;
};

function sample(fields: JsonObject): DeliverableAlert {
  return sampleAlerts([{ fields }])[0]!;
}

describe('encodeElastic', () => {
  it('writes the golden lines', () => {
    const text = encodeElastic(GOLDEN, CONFIG).toString('utf8');
    assert.equal(text, file('golden/alert.bulk'));
  });

  it('creates, for that is all a data stream takes, under the id of the alert', () => {
    assert.deepEqual(linesOf(GOLDEN)[0], { create: { _id: GOLDEN.id } });
  });

  it('has its proof and place under vitrine', () => {
    const { log, index, leaf, proof, link } = GOLDEN;
    const { vitrine } = documentOf(GOLDEN) as { vitrine: JsonObject };
    assert.partialDeepStrictEqual(vitrine, { log, index, leaf, proof, link });
    assert.equal(vitrine.test, undefined);
    const tested = documentOf({ ...GOLDEN, test: true }) as { vitrine: JsonObject };
    assert.equal(tested.vitrine.test, true);
  });

  it('names the data stream in the document as the address does', () => {
    const { data_stream, event } = documentOf(GOLDEN, { namespace: 'lab' });
    const dataset = 'vitrine.alerts';
    assert.deepEqual(data_stream, { type: 'logs', dataset, namespace: 'lab' });
    assert.equal((event as JsonObject).dataset, dataset);
  });

  it('keeps proof, id, rule and leaf of an alert of any length, within the size of all', () => {
    const long = 'é😀'.repeat(1_500);
    const members = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`m${i}`, 'y'.repeat(200)]),
    );
    const alert = sample({ ...members, what: long, todo: long, host: { name: long } });
    assert.ok(encodeElastic(alert, CONFIG).length <= ALERT_BYTES_MAX);
    const { event, rule, vitrine } = documentOf(alert) as Record<string, JsonObject>;
    const { proof, leaf, trimmed } = vitrine!;
    assert.deepEqual(
      { id: event!.id, rule: rule!.id, proof, leaf },
      { id: alert.id, rule: 'EGR-001', proof: alert.proof, leaf: alert.leaf },
    );
    assert.ok((trimmed as string[]).includes('members'));
  });

  it('refuses an alert whose proof alone is too long', () => {
    const alert = { ...sample({}), proof: 'p'.repeat(ALERT_BYTES_MAX) };
    assert.throws(() => encodeElastic(alert, CONFIG), { code: 'ALERT_TOO_LARGE' });
  });
});

interface Mapping {
  type?: string;
  enabled?: boolean;
  properties?: Record<string, Mapping>;
}

interface Template {
  index_patterns: string[];
  data_stream: object;
  template: {
    settings: Record<string, unknown>;
    mappings: { dynamic: unknown; properties: Record<string, Mapping> };
  };
}

/** The mapping of a field; undefined where there is none, or something else than a leaf. */
function mappingOf(template: Template, path: string): Mapping | undefined {
  let at: Mapping | undefined = template.template.mappings;
  for (const step of path.split('.')) at = at?.properties?.[step];
  return at?.properties === undefined ? at : undefined;
}

/** Every field of a document with its values; what a mapping does not look into is one value. */
function fieldsOf(document: JsonObject): Map<string, Json[]> {
  const made = new Map<string, Json[]>();
  const walk = (value: Json, path: string): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, path);
    else if (isObject(value) && path !== 'vitrine.record') {
      for (const [name, item] of Object.entries(value)) walk(item, path ? `${path}.${name}` : name);
    } else made.set(path, [...(made.get(path) ?? []), value]);
  };
  walk(document, '');
  return made;
}

function takes({ type, enabled }: Mapping, value: Json): boolean {
  if (enabled === false) return isObject(value);
  if (type === 'long') return Number.isSafeInteger(value);
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'date') return !Number.isNaN(Date.parse(String(value)));
  return typeof value === 'string';
}

const ECS_FIELDS = new URL('../../test/vectors/ecs/fields.json', import.meta.url);
const ECS_DOCUMENTS = new URL('../../test/vectors/normalise/ecs.json', import.meta.url);
const ECS_SOURCE = ['ecs', 'verdict'].map((name) => {
  return new URL(`../../packages/schema/src/normalise/${name}.ts`, import.meta.url);
});

/** An event that has every member which the ECS mapping asks for by name. */
function eventWithAll(): JsonObject {
  const event: JsonObject = {};
  const source = ECS_SOURCE.map((url) => readFileSync(url, 'utf8')).join('\n');
  for (const [, path] of source.matchAll(/'([a-z_]+(?:\.[a-z_0-9]+)+)'/g)) {
    const steps = path!.split('.');
    const last = steps.pop()!;
    let at = event;
    for (const step of steps) {
      at[step] ??= {};
      at = at[step] as JsonObject;
    }
    at[last] = memberFor(last);
  }
  return event;
}

/** Text, a count and an address are asked for as such; a number as text is the first two. */
function memberFor(name: string): Json {
  if (name.endsWith('_ip')) return '192.0.2.1';
  if (name === 'argv') return ['a'];
  return name === 'success' ? true : '9';
}

describe('index-template.json', () => {
  const template = JSON.parse(file('index-template.json')) as Template;
  const everything = sample({
    ...{ event: eventWithAll(), extra: { deep: [1] } },
    host: {
      ...{ name: 'b', id: 'i', ip: '192.0.2.1', os: 'Debian' },
      ...{ process: { pid: 1, exe: '/b' }, edr: { vendor: 'v', device_id: 'd' } },
    },
    tags: ['attack.exfiltration', 'attack.t1552.001', 'atlas.aml.t0086'],
    what: 'x'.repeat(5_000),
  });
  const documents = [
    documentOf(GOLDEN),
    documentOf({ ...everything, test: true }),
    ...Object.values(JSON.parse(readFileSync(ECS_DOCUMENTS, 'utf8')) as Record<string, JsonObject>),
  ];

  it('is for the data stream that is written to', () => {
    assert.deepEqual(template.index_patterns, ['logs-vitrine.alerts-*']);
    assert.deepEqual(template.data_stream, {});
  });

  it('refuses nothing that it does not know: a refused alert would be lost to every search', () => {
    assert.equal(template.template.mappings.dynamic, false);
    assert.equal(template.template.settings['index.mapping.ignore_malformed'], true);
  });

  it('has a field of the right type for everything that can be written', () => {
    const missing = documents.flatMap((document) => {
      return [...fieldsOf(document)].flatMap(([path, values]) => {
        const mapping = mappingOf(template, path);
        if (mapping === undefined) return `${path} has no field`;
        return values.every((value) => takes(mapping, value)) ? [] : `${path}: ${values}`;
      });
    });
    assert.deepEqual([...new Set(missing)], []);
    const fields = fieldsOf(documentOf(everything));
    for (const path of ['dns.question.name', 'gen_ai.usage.input_tokens', 'user.email']) {
      assert.ok(fields.has(path), `(the event has ${path})`);
    }
  });

  it('agrees with ECS on the family of every type', () => {
    const families: Record<string, string> = {
      ...{ constant_keyword: 'keyword', wildcard: 'keyword', match_only_text: 'text' },
      ...{ integer: 'long' },
    };
    const { fields } = JSON.parse(readFileSync(ECS_FIELDS, 'utf8')) as {
      fields: Record<string, { type: string }>;
    };
    const paths = documents.flatMap((document) => [...fieldsOf(document).keys()]);
    for (const path of new Set(paths)) {
      const ecs = fields[path]?.type;
      if (ecs === undefined) assert.match(path, /^vitrine\./);
      else assert.equal(mappingOf(template, path)?.type, families[ecs] ?? ecs, path);
    }
  });

  it('looks into no part of what is different in every alert', () => {
    assert.deepEqual(mappingOf(template, 'vitrine.record'), { type: 'object', enabled: false });
  });
});
