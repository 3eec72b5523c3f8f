/** Detections: modifiers, values, conditions, and what is refused with which reason. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import { EGRESS_NAMES_MAX, RULE_DEPTH_MAX, RULE_VALUES_MAX } from '@vitrine/schema';
import { Engine } from './engine.ts';
import { loadRules } from './load.ts';

const OPEN: JsonObject = {
  kind: 'open',
  hosts: ['api.example.com', '*.good.example', 'at-a-port.example:8443'],
  functions: ['github.git.*'],
  credentials: ['AB'],
  grants: [{ path: '/w', mode: 'rw' }],
};

/** JSON is YAML. */
function ruleText(detection: unknown, more: object = {}): string {
  const logsource = { product: 'agent_sandbox', category: 'file' };
  return JSON.stringify({ title: 'A rule', logsource, detection, ...more });
}

/** Whether one rule fires on one record in a session that was opened with `OPEN`. */
function fires(detection: unknown, record: JsonObject, more: object = {}): boolean {
  const { rules, refused } = loadRules([{ name: 'X-001.yml', text: ruleText(detection, more) }]);
  assert.deepEqual(refused, []);
  const engine = new Engine(rules);
  const row = { log: 'l', index: 0, leaf: '', session: 's', vantage: 'guest' };
  engine.observe({ ...row, shim: 'sup', kind: 'open', record: OPEN });
  return engine.observe({ ...row, shim: 'b', kind: 'file.read', record }).length > 0;
}

/** One field with its modifiers and values against one value of that field. */
function field(key: string, values: unknown, value: JsonObject[string] | undefined): boolean {
  const record = value === undefined ? {} : { f: value };
  return fires({ sel: { [key]: values }, condition: 'sel' }, record);
}

function refusal(text: string): string {
  const { rules, refused } = loadRules([{ name: 'X-001.yml', text }]);
  assert.equal(rules.length, 0, text);
  return `${refused[0]!.code} ${refused[0]!.reason}`;
}

function refusedField(key: string, value: unknown): string {
  return refusal(ruleText({ sel: { [key]: value }, condition: 'sel' }));
}

test('values: a list is a disjunction, all makes it a conjunction, types do not matter', () => {
  assert.ok(field('f', ['x', 'y'], 'Y'));
  assert.ok(!field('f|contains|all', ['x', 'y'], 'y'));
  assert.ok(field('f|all|contains', ['x', 'y'], 'yx'));
  assert.ok(field('f', 5, '5'));
  assert.ok(field('f', '5', 5));
  assert.ok(field('f', true, true));
  assert.ok(field('f', 0.25, '0.25'));
  assert.ok(!field('f', '*', {}), 'a map is no text');
});

test('a member that is a list matches when one element does', () => {
  assert.ok(field('f|startswith', '--', ['a', '--b']));
  assert.ok(field('f|all', ['a', 'b'], ['b', 'c', 'a']));
  assert.ok(!field('f', 'a', []));
});

test('null is missing or null, the empty text is itself, exists asks for the member only', () => {
  assert.ok(field('f', null, undefined));
  assert.ok(field('f', null, null));
  assert.ok(!field('f', null, ''));
  assert.ok(field('f', '', ''));
  assert.ok(!field('f', '', undefined));
  assert.ok(field('f|exists', true, null));
  assert.ok(!field('f|exists', true, undefined));
  assert.ok(field('f|exists', false, undefined));
  assert.ok(field('f|exists', true, []) && !field('f|exists', false, []));
});

test('cased, neq, numbers', () => {
  assert.ok(!field('f|contains|cased', 'a', 'A'));
  assert.ok(field('f|neq', ['a', 'b'], 'c'));
  assert.ok(!field('f|neq', ['a', 'b'], 'B'));
  assert.ok(field('f|neq', 'a', undefined));
  assert.ok(field('f|gte', 5, 5));
  assert.ok(!field('f|gt', 5, 5));
  assert.ok(field('f|lt', 0.5, '0.25'));
  assert.ok(field('f|lte', 5, '5'));
  assert.ok(field('f|gt', 2 ** 53, '9007199254740993'), 'large integers are exact');
  assert.ok(!field('f|gt', 1, 'many'));
});

test('re is unanchored and cased, with sub-modifiers, in linear time', () => {
  assert.ok(field('f|re', 'b+c', 'abbcd'));
  assert.ok(!field('f|re', 'B', 'abc'));
  assert.ok(field('f|re|i', 'B', 'abc'));
  assert.ok(!field('f|re', '^b', 'a\nb'));
  assert.ok(field('f|re|m', '^b', 'a\nb'));
  assert.ok(!field('f|re', 'a.b', 'a\nb'));
  assert.ok(field('f|re|s|i', 'A.b', 'a\nb'));
  assert.ok(!field('f|re', '^(a+)+$', `${'a'.repeat(4_000)}b`));
});

test('cidr takes both families, and only addresses match', () => {
  assert.ok(field('f|cidr', '10.0.0.0/8', '10.1.2.3'));
  assert.ok(!field('f|cidr', '10.0.0.0/8', '11.1.2.3'));
  assert.ok(field('f|cidr', ['10.0.0.0/8', 'fd00::/8'], 'fd00:ec2::254'));
  assert.ok(!field('f|cidr', '0.0.0.0/0', 'example.com'));
});

test('base64 encodes the value, base64offset finds it at any place', () => {
  assert.ok(field('f|base64|contains', 'secret', `x${Buffer.from('secret').toString('base64')}`));
  for (const before of ['', 'a', 'ab', 'abc', 'abcd']) {
    for (const after of ['', 'x', 'xy', 'xyz']) {
      const text = Buffer.from(`${before}top secret${after}`).toString('base64');
      assert.ok(field('f|base64offset|contains', 'top secret', text), before + after);
    }
  }
  assert.ok(!field('f|base64offset|contains', 'top secret', Buffer.from('a').toString('base64')));
});

test('fieldref compares two members of the record', () => {
  const same = { sel: { 'f|fieldref': 'g.h' }, condition: 'sel' };
  assert.ok(fires(same, { f: 'a*', g: { h: 'A*' } }));
  assert.ok(!fires(same, { f: 'ab', g: { h: 'a*' } }), 'the other member is no pattern');
  const different = { sel: { 'f|fieldref|neq': 'g' }, condition: 'sel' };
  assert.ok(fires(different, { f: 'a', g: 'b' }));
  const hosts = { f: 'b', g: { h: ['a', 'b'] } };
  assert.ok(fires(same, hosts) && !fires(same, { ...hosts, f: 'c' }), 'one of a list');
  const below = { sel: { 'f|fieldref|startswith': 'g' }, condition: 'sel' };
  assert.ok(fires(below, { f: '/w/a', g: '/w' }));
});

test('placeholders come from the session, with wildcards', () => {
  assert.ok(field('f|expand', '%provider_hosts%', 'API.example.com'));
  assert.ok(field('f|expand', '%provider_hosts%', 'a.good.example'));
  assert.ok(!field('f|expand', '%provider_hosts%', 'good.example'));
  assert.ok(field('f|expand', '%session_credentials%', 'ab'));
  assert.ok(field('f|expand', '%granted_functions%', 'github.git.push'));
  assert.ok(!field('f|expand', '%granted_functions%', 'github.gists.create'));
  assert.ok(field('f|expand', '%provider_hosts%', 'at-a-port.example'), 'which stands apart');
  assert.ok(!field('f', '%provider_hosts%', 'api.example.com'), 'only with expand');
});

test('a server may be made to fetch from where the session may, and a cut list is no proof', () => {
  const allowed = { sel: { 'http.fetch_hosts_allowed': true }, condition: 'sel' };
  const elsewhere = { sel: { 'http.fetch_hosts_allowed': false }, condition: 'sel' };
  const asking = (hosts: string[]) => ({ http: { fetch_hosts: hosts } });
  const host = 'api.example.com';
  assert.ok(fires(allowed, asking([host, 'A.good.example'])));
  assert.ok(fires(elsewhere, asking([host, 'drop.example'])));
  assert.ok(!fires(elsewhere, asking([])) && !fires(allowed, asking([])));
  assert.ok(fires(elsewhere, { http: { fetch_hosts: ['x.example'], fetch_hosts_allowed: true } }));
  const many = (count: number) => asking(new Array<string>(count).fill(host));
  assert.ok(fires(allowed, many(EGRESS_NAMES_MAX - 1)));
  assert.ok(fires(elsewhere, many(EGRESS_NAMES_MAX)));
});

test('derived members: what the record claims does not count', () => {
  const own = { sel: { 'http.auth_provisioned': true }, condition: 'sel' };
  const foreign = { sel: { 'http.auth_provisioned': false }, condition: 'sel' };
  assert.ok(fires(own, { http: { auth_fp: 'ab', auth_provisioned: false } }));
  assert.ok(fires(foreign, { http: { auth_fp: 'cd', auth_provisioned: true } }));
  assert.ok(fires(foreign, { http: { auth_fp: ['ab', 'cd'] } }), 'one foreign is enough');
  assert.ok(!fires(foreign, { http: { auth_provisioned: false } }), 'without a credential');
  assert.ok(fires({ sel: { vantage: 'guest' }, condition: 'sel' }, { vantage: 'host' }));
  const led = { sel: { 'file.target_path_in_grant': false }, condition: 'sel' };
  assert.ok(fires(led, { file: { target_path: '/w/../x', target_path_in_grant: true } }));
  assert.ok(!fires(led, { file: { target_path: '/w/x', target_path_in_grant: false } }));
  const inside = { sel: { 'file.path_in_grant': true }, condition: 'sel' };
  const outside = { sel: { 'file.path_in_grant': false }, condition: 'sel' };
  assert.ok(fires(inside, { file: { path: '/w' } }));
  assert.ok(fires(inside, { file: { path: '/w/./x' } }));
  assert.ok(fires(outside, { file: { path: '/w2/x', path_in_grant: true } }));
  assert.ok(fires(outside, { file: { path: '../x' }, process: { cwd: '/w' } }));
  assert.ok(!fires(inside, { file: { path: 'x' } }), 'a relative path alone says nothing');
  assert.ok(!fires(outside, { file: { path: 'x' } }));
});

test('keywords are looked for in every member, at any depth', () => {
  const some = { words: ['mimi*katz', 'evil'], condition: 'words' };
  assert.ok(fires(some, { a: { b: ['x', 'an EVIL thing'] } }));
  assert.ok(fires(some, { a: 'mimi and katz' }));
  assert.ok(!fires(some, { evil: 'x' }), 'names are not searched');
  const all = { words: { '|all': ['one', 'two'] }, condition: 'words' };
  assert.ok(fires(all, { a: 'one', b: { c: 'two' } }));
  assert.ok(!fires(all, { a: 'one' }));
  const mixed = { sel: [{ f: 'a', g: 'b' }, 'word'], condition: 'sel' };
  assert.ok(fires(mixed, { f: 'a', g: 'b' }));
  assert.ok(fires(mixed, { h: 'a word' }));
  assert.ok(!fires(mixed, { f: 'a' }));
});

test('conditions: precedence, parentheses, quantifiers', () => {
  const names = { a1: { a: 1 }, a2: { b: 1 }, c: { c: 1 }, _d: { d: 1 } };
  const holds = (condition: unknown, record: JsonObject): boolean =>
    fires({ ...names, condition }, record);
  assert.ok(holds('a1 or a2 and c', { a: 1 }));
  assert.ok(!holds('(a1 or a2) and c', { a: 1 }));
  assert.ok(holds('not a1 and c', { c: 1 }));
  assert.ok(!holds('not (a1 or c)', { c: 1 }));
  assert.ok(holds('not not c', { c: 1 }));
  assert.ok(holds('1 of a*', { b: 1 }));
  assert.ok(!holds('all of a*', { b: 1 }));
  assert.ok(holds('all of *2 AND c', { b: 1, c: 1 }));
  assert.ok(!holds('1 of them', { d: 1 }), 'a name with _ is not one of them');
  assert.ok(holds('all of them', { a: 1, b: 1, c: 1 }));
  assert.ok(holds('c and not 1 of a*', { c: 1 }));
  assert.ok(holds(['a1', 'c'], { c: 1 }), 'a list is a disjunction');
});

test('logsource chooses the kinds, x-vitrine.vantage the least observer', () => {
  const detection = { sel: { f: 1 }, condition: 'sel' };
  const logsource = { product: 'agent_sandbox', category: 'dns_query' };
  assert.ok(!fires(detection, { f: 1 }, { logsource }));
  assert.ok(fires(detection, { f: 1 }, { 'x-vitrine': { vantage: 'guest' } }));
  assert.ok(!fires(detection, { f: 1 }, { 'x-vitrine': { vantage: 'boundary' } }));
});

test('a modifier that cannot be honoured is refused by name', () => {
  for (const modifier of ['windash', 'wide', 'utf16', 'utf16le', 'utf16be', 'hour', 'week']) {
    const reason = `RULE_UNSUPPORTED f|${modifier}: modifier ${modifier} is not supported`;
    assert.equal(refusedField(`f|${modifier}`, 'x'), reason);
  }
  assert.match(refusedField('f|fuzzy', 'x'), /RULE_INVALID .*no modifier fuzzy/);
  const wrong: [string, unknown, RegExp][] = [
    ['f|contains|startswith', 'x', /cannot follow/],
    ['f|cased|cased', 'x', /twice/],
    ['f|i', 'x', /after re/],
    ['f|re', '(?=x)', /UNSUPPORTED .*expression/],
    ['f|re', '(', /expression/],
    ['f|re', 5, /needs text/],
    ['f|re|contains', 'x', /cannot follow/],
    ['f|contains|base64', 'x', /before any comparison/],
    ['f|base64offset', 'x', /needs contains/],
    ['f|base64|contains', 'a*b', /wildcard/],
    ['f|cidr', '10.0.0.0/33', /not a CIDR/],
    ['f|cidr', '10.0.0.0', /not a CIDR/],
    ['f|gt', 'x', /needs a number/],
    ['f|exists', 'yes', /true or false/],
    ['f|all', 'x', /several/],
    ['f|all', [], /empty/],
    ['f|contains', null, /null/],
    ['f|neq|contains', 'x', /no meaning/],
    ['f|expand', '%unknown%', /UNSUPPORTED .*not known/],
    ['f|expand', 'a%provider_hosts%', /UNSUPPORTED .*one %placeholder%/],
    ['f', { g: 1 }, /neither text/],
    ['|contains', ['a', 'b'], /no name/],
    ['', 'x', /no name/],
  ];
  for (const [key, value, reason] of wrong) assert.match(refusedField(key, value), reason, key);
});

test('a condition that is wrong is refused', () => {
  const sel = { f: 1 };
  const wrong: [unknown, RegExp][] = [
    ['', /too early/],
    ['sel and', /too early/],
    ['sel sel', /not expected/],
    ['other', /no selection other/],
    ['(sel', /not closed/],
    ['sel)', /not expected/],
    ['1 of x*', /no selection is like/],
    ['2 of sel*', /UNSUPPORTED/],
    ['sel | count() > 5', /UNSUPPORTED .*aggregations/],
    [undefined, /not text/],
    [`${'('.repeat(5_000)}sel${')'.repeat(5_000)}`, /nested/],
    [`${'not '.repeat(5_000)}sel`, /nested/],
  ];
  for (const [condition, reason] of wrong) {
    assert.match(refusal(ruleText({ sel, condition })), reason);
  }
  const deep = (levels: number): string => `${'('.repeat(levels)}sel${')'.repeat(levels)}`;
  assert.ok(fires({ sel, condition: deep(RULE_DEPTH_MAX - 1) }, { f: 1 }));
  assert.match(refusal(ruleText({ sel, condition: deep(RULE_DEPTH_MAX) })), /nested/);
  const list = (count: number): string =>
    ruleText({ sel: { f: new Array(count).fill(1) }, condition: 'sel' });
  const fits = loadRules([{ name: 'X-001.yml', text: list(RULE_VALUES_MAX) }]);
  assert.deepEqual(fits.refused, []);
  assert.match(refusal(list(RULE_VALUES_MAX + 1)), /TOO_LARGE/);
});
