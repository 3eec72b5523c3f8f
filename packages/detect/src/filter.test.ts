/** Filters: what they leave out, of which rules, and when they are refused as a whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from './engine.ts';
import { loadRules } from './load.ts';
import { base, documents, Rows } from './stream.fixture.ts';

const ID = '6f3e2987-db24-4c78-a860-b4f4095a7095';
const RULES = [
  { name: 'A-001.yml', text: base('plain', 'file.read', `id: ${ID}`) },
  {
    name: 'A-002.yml',
    text: documents(
      base('read', 'file.read'),
      `title: twice
correlation: {type: event_count, rules: [read], timespan: 10s, condition: {gte: 2}}
x-vitrine: {late: 0s}`,
    ),
  },
  {
    name: 'A-003.yml',
    text: base(
      'pair',
      'file.read',
      'x-vitrine: {join: {of: {s: {kind: tool.call}, condition: s}, before: 5s}}',
    ),
  },
];

function filter(rules: string, more = ''): { name: string; text: string } {
  const text = `title: own files
logsource: {product: agent_sandbox${more}}
filter: {rules: [${rules}], selection: {user: own}, condition: not selection}`;
  return { name: 'F-001.yml', text };
}

/** Ids of the rules that two reads of a user and a call before them raise. */
function raised(user: string, file?: { name: string; text: string }): string[] {
  const { rules, refused } = loadRules(file === undefined ? RULES : [file, ...RULES]);
  assert.deepEqual(refused, []);
  const rows = new Rows();
  const reads = [1, 2].map((s) => rows.row('file.read', s, { user }));
  const stream = [rows.open(), rows.row('tool.call', 0), ...reads];
  const engine = new Engine(rules);
  return stream.flatMap((row) => engine.observe(row)).map(({ rule }) => rule);
}

test('a filter leaves out what it names, of the rules it names, and no more', () => {
  const all = ['A-001', 'A-003', 'A-002'];
  assert.deepEqual(raised('own'), all);
  assert.deepEqual(raised('other', filter('A-001, A-002, A-003')), all);
  assert.deepEqual(raised('own', filter('A-001, A-002, A-003')), []);
  assert.deepEqual(raised('own', filter(ID)), ['A-003', 'A-002'], 'by id');
  assert.deepEqual(raised('own', filter('read')), ['A-001', 'A-003'], 'a document by name');
  assert.deepEqual(
    raised('own', filter('A-003')),
    ['A-001', 'A-002'],
    'the own selection of a pair',
  );
});

test('a filter says whom it changes, and changes their hash alone', () => {
  const hashes = (files: typeof RULES): string[] => loadRules(files).rules.map(({ hash }) => hash);
  const [a, b, c] = hashes(RULES);
  const [with_, ...rest] = hashes([filter('plain'), ...RULES]);
  assert.notEqual(with_, a);
  assert.deepEqual(rest, [b, c]);
  const { filters } = loadRules([filter('plain, read'), ...RULES]);
  assert.deepEqual(filters, [
    { file: 'F-001.yml', title: 'own files', rules: ['A-001', 'A-002'], narrows: false },
  ]);
});

test('a filter that cannot be applied to all it names is applied to none', () => {
  for (const [file, reason] of [
    [filter('plain, nothing'), /RULE_INVALID filter.rules: there is no rule nothing/],
    [filter('plain', ', category: process'), /RULE_UNSUPPORTED .*another logsource.category/],
    [{ ...filter('x'), text: filter('plain').text.replace('[plain]', 'any') }, /has to be named/],
    [{ ...filter('x'), text: documents(filter('plain').text, 'a: 1') }, /a file of its own/],
  ] as const) {
    const { rules, refused, filters } = loadRules([file, ...RULES]);
    assert.deepEqual([rules.length, filters.length, refused.length], [3, 0, 1]);
    assert.match(`${refused[0]!.code} ${refused[0]!.reason}`, reason);
  }
});
