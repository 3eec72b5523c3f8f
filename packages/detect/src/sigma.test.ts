/** The specification's schemas and examples: what is valid is taken, or refused by name. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Engine } from './engine.ts';
import { lintRules } from './lint.ts';
import { loadRules } from './load.ts';
import type { Members } from './members.ts';
import { shippedRules } from './shipped.ts';
import { parseStream } from './stream.ts';
import { parseDocuments } from './yaml.ts';

const VECTORS = new URL('../../../test/vectors/sigma/', import.meta.url);
const names = readdirSync(new URL('examples/', VECTORS)).sort();

interface Schema {
  type?: string;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: { const: string }[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  uniqueItems?: boolean;
  format?: string;
}

/** The keywords that the specification's schema uses, at the levels it uses them. */
function violations(schema: Schema, value: unknown, at: string): string[] {
  const found: string[] = [];
  const kind = Array.isArray(value) ? 'array' : typeof value;
  if (schema.type !== undefined && schema.type !== kind) return [`${at}: ${kind}`];
  if (typeof value === 'string') {
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) found.push(at);
    if (value.length > (schema.maxLength ?? value.length)) found.push(`${at}: too long`);
    if (value.length < (schema.minLength ?? 0)) found.push(`${at}: too short`);
    const allowed = schema.oneOf?.map((choice) => choice.const);
    if (allowed !== undefined && !allowed.includes(value)) found.push(`${at}: ${value}`);
    if (schema.format === 'uuid' && !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(value)) {
      found.push(`${at}: no uuid`);
    }
  } else if (Array.isArray(value)) {
    if (schema.uniqueItems && new Set(value).size !== value.length) found.push(`${at}: doubled`);
    for (const item of value) found.push(...violations(schema.items ?? {}, item, at));
  } else if (typeof value === 'object' && value !== null) {
    const object = value as Record<string, unknown>;
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(object, name)) found.push(`${at}.${name} is missing`);
    }
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      if (Object.hasOwn(object, name)) found.push(...violations(inner, object[name], name));
    }
  }
  return found;
}

function exampleOf(name: string): string {
  return readFileSync(new URL(`examples/${name}`, VECTORS), 'utf8');
}

function schemaFor(document: Members): Schema {
  const of =
    document.correlation !== undefined
      ? 'correlation-rules'
      : document.filter !== undefined
        ? 'filters'
        : 'detection-rule';
  return JSON.parse(readFileSync(new URL(`sigma-${of}-schema.json`, VECTORS), 'utf8')) as Schema;
}

function wrongIn(text: string): string[] {
  return parseDocuments(text).flatMap((one) => violations(schemaFor(one), one, 'document'));
}

test('every shipped rule and every valid example of the specification satisfies its schema', () => {
  for (const name of names) assert.deepEqual(wrongIn(exampleOf(name)), [], name);
  for (const { name, text } of shippedRules()) assert.deepEqual(wrongIn(text), [], name);
  assert.equal(wrongIn('{title: 5, level: bad, tags: [X]}').length, 5);
  const correlation = '{title: t, correlation: {type: many, rules: [x]}}';
  assert.deepEqual(wrongIn(correlation), ['correlation.timespan is missing', 'type: many']);
  assert.deepEqual(wrongIn('{title: t, logsource: {}, filter: {condition: a}}').length, 2);
});

test('every valid example of the specification loads or is refused by name and reason', () => {
  const { rules, refused, filters } = loadRules(
    names.map((name) => ({ name, text: exampleOf(name) })),
  );
  assert.equal(rules.length + filters.length + refused.length, names.length);
  const elsewhere = (rule: string): string =>
    `RULE_UNSUPPORTED correlation.rules: ${rule} is in no document of this file`;
  const ecs = 'RULE_UNSUPPORTED taxonomy ecs is not supported: fields are those of a record';
  assert.deepEqual(
    Object.fromEntries(refused.map(({ file, code, reason }) => [file, `${code} ${reason}`])),
    {
      'correlation-event_count.yml': elsewhere('5638f7c0-ac70-491d-8465-2a65075e0d86'),
      'correlation-event_count_ecs.yml': ecs,
      'correlation-temporal.yml': elsewhere('recon_cmd_a'),
      'correlation-temporal_ordered.yml': elsewhere('recon_cmd_a'),
      'correlation-value_avg.yml': elsewhere('rule_a_id'),
      'correlation-value_count.yml': elsewhere('5638f7c0-ac70-491d-8465-2a65075e0d86'),
      'correlation-value_percentile.yml':
        'RULE_UNSUPPORTED correlation.condition: value_percentile is supported with percentile ' +
        '(1 to 100) beside it',
      'correlation-value_sum.yml': elsewhere('website_access'),
      'filter-filter_1.yml':
        'RULE_UNSUPPORTED logsource.product windows: only agent_sandbox is here',
      'filter-filter_ecs.yml': ecs,
      'rules-rule_1.yml': 'RULE_UNSUPPORTED logsource.product windows: only agent_sandbox is here',
      'rules-rule_ecs.yml': ecs,
    },
  );
});

test('the examples of correlations and filters run with rules they can refer to', () => {
  const rule = (name: string): string =>
    `title: ${name}\nname: ${name}\nlogsource: {product: agent_sandbox}\n` +
    'detection: {sel: {kind: file.read}, condition: sel}\n';
  for (const name of names.filter((one) => one.startsWith('correlation-'))) {
    const text = exampleOf(name)
      .replace('taxonomy: ecs\n', '')
      .replace('lte: 1', 'lte: 1\n        percentile: 1');
    const { rules } = parseDocuments(text)[0]!.correlation as { rules: string[] };
    const whole = [...rules.map(rule), text].join('\n---\n');
    const loaded = loadRules([{ name: 'X-001.yml', text: whole }]);
    assert.deepEqual(loaded.refused, [], name);
    assert.equal(loaded.rules.length, 1);
  }
  const target = `${rule('r')}id: 6f3e2987-db24-4c78-a860-b4f4095a7095\n`;
  const other = `${rule('s')}id: df0841c0-9846-4e9f-ad8a-7df91571771b\n`;
  const filter = exampleOf('filter-filter_1.yml')
    .replace('product: windows', 'product: agent_sandbox')
    .replace('category: process_creation\n', 'definition: any\n');
  const files = [
    { name: 'X-001.yml', text: target },
    { name: 'X-002.yml', text: other },
    { name: 'filter.yml', text: filter },
  ];
  const loaded = loadRules(files);
  assert.deepEqual(loaded.refused, []);
  assert.deepEqual(loaded.filters[0]!.rules, ['X-001', 'X-002']);
  const codes = lintRules(files).filter(({ file }) => file === 'filter.yml');
  assert.deepEqual(
    codes.map(({ code }) => code),
    ['FILTER_NARROWS'],
  );
});

test('a document without a member that its schema demands is refused', () => {
  const lacking = (text: string, path: string[]): string => {
    const [document] = parseDocuments(text) as [Members];
    const above = path.slice(0, -1).reduce((at, step) => at[step] as Members, document);
    delete above[path.at(-1)!];
    return JSON.stringify(document);
  };
  const refused = (text: string, more = ''): number =>
    loadRules([{ name: 'X-001.yml', text: text + more }]).refused.length;
  const rule = exampleOf('rules-rule_1.yml')
    .replace('product: windows', 'product: agent_sandbox')
    .replace('service: application', 'category: process');
  assert.equal(refused(rule), 0);
  for (const path of [['title'], ['logsource'], ['detection'], ['detection', 'condition']]) {
    assert.equal(refused(lacking(rule, path)), 1, path.join('.'));
  }
  const counting = exampleOf('correlation-value_sum.yml');
  const website = `\n---\n${JSON.stringify({
    title: 'a website was asked',
    name: 'website_access',
    logsource: { product: 'agent_sandbox' },
    detection: { sel: { kind: 'egress.request' }, condition: 'sel' },
  })}`;
  assert.equal(refused(counting, website), 0);
  for (const name of ['type', 'rules', 'timespan', 'condition', 'condition.field']) {
    const path = ['correlation', ...name.split('.')];
    assert.equal(refused(lacking(counting, path), website), 1, name);
  }
  const files = (text: string) => [
    { name: 'F.yml', text },
    {
      name: 'X-001.yml',
      text: rule,
    },
  ];
  const filter = `title: f
logsource: {product: agent_sandbox, category: process}
filter: {rules: [X-001], selection: {User: adm}, condition: not selection}`;
  assert.deepEqual(loadRules(files(filter)).refused, []);
  for (const name of [
    'title',
    'logsource',
    'filter.rules',
    'filter.selection',
    'filter.condition',
  ]) {
    const { refused: bad, filters } = loadRules(files(lacking(filter, name.split('.'))));
    assert.deepEqual([bad.length, filters.length], [1, 0], name);
  }
});

test('an example of the specification runs when it is about this product', () => {
  const text = readFileSync(new URL('examples/rules-rule_1.yml', VECTORS), 'utf8');
  const ours = text
    .replace('product: windows', 'product: agent_sandbox')
    .replace('service: application', 'category: process');
  const loaded = loadRules([{ name: 'rule_1.yml', text: ours }]);
  assert.deepEqual(loaded.refused, []);
  const engine = new Engine(loaded.rules);
  const open = { kind: 'open', session: 's', shim: 'sup', t: '1' };
  const exec = { kind: 'process.exec', session: 's', shim: 'b', t: '2' };
  const stream = [
    { vantage: '', record: open },
    { vantage: 'guest', record: { ...exec, Provider_Name: 'application error' } },
    { vantage: 'guest', record: { ...exec, Provider_Name: 'other' } },
  ];
  const rows = parseStream(stream.map((line) => JSON.stringify(line)).join('\n'));
  assert.deepEqual(
    rows.map((row) => engine.observe(row).length),
    [0, 1, 0],
  );
});
