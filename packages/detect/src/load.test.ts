/** Rule files: YAML, members, limits, and the linter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULE_BYTES_MAX, RULES_MAX } from '@vitrine/schema';
import { lintRules } from './lint.ts';
import { loadRules } from './load.ts';

const PLAIN = `title: A rule
logsource: {product: agent_sandbox}
detection: {sel: {f: 1}, condition: sel}
`;

function refusal(text: string, name = 'X-001.yml'): string {
  const { rules, refused } = loadRules([{ name, text }]);
  assert.equal(rules.length, 0, text.slice(0, 80));
  assert.equal(refused[0]!.file, name);
  return `${refused[0]!.code} ${refused[0]!.reason}`;
}

test('a plain rule gets defaults', () => {
  const [rule] = loadRules([{ name: 'rules/X-001.yml', text: PLAIN }]).rules;
  assert.equal(rule!.id, 'X-001');
  assert.equal(rule!.level, 'medium');
  assert.deepEqual(rule!.suppress, { by: [], forNs: 900_000_000_000n });
  assert.equal(rule!.what, 'A rule, in session {session}.');
});

test('what is no rule is refused with its reason, and stops no other', () => {
  const wrong: [string, RegExp][] = [
    ['', /RULE_INVALID/],
    ['- a', /not a map/],
    ['a: [', /RULE_MALFORMED/],
    ['a: 1\na: 2', /RULE_MALFORMED/],
    [`${PLAIN}x: &a [1]\ny: *a`, /RULE_MALFORMED/],
    [`${PLAIN}x: !!js/function x`, /RULE_MALFORMED/],
    [`${PLAIN}---\n${PLAIN}`, /RULE_INVALID nothing refers to/],
    ['['.repeat(10_000), /RULE_MALFORMED/],
    [PLAIN.replace('title: A rule', 'level: low'), /title is missing/],
    [PLAIN.replace('A rule', 'x'.repeat(257)), /longer than 256/],
    [PLAIN.replace(/logsource.*\n/, ''), /logsource is missing/],
    [PLAIN.replace(/detection.*\n/, ''), /detection is missing/],
    [PLAIN.replace('agent_sandbox', 'linux'), /RULE_UNSUPPORTED logsource.product linux/],
    [PLAIN.replace('sandbox}', 'sandbox, category: registry}'), /category registry/],
    [PLAIN.replace('sandbox}', 'sandbox, service: sshd}'), /service sshd/],
    [PLAIN.replace('sandbox}', 'sandbox, kind: x}'), /logsource.kind/],
    [`${PLAIN}level: severe`, /level: severe/],
    [`${PLAIN}id: 12`, /id is not text/],
    [`${PLAIN}id: abc`, /wrong form/],
    [`${PLAIN}date: 2026-13-01`, /wrong form/],
    [`${PLAIN}tags: [Attack]`, /tags: Attack/],
    [`${PLAIN}tags: [a.b, a.b]`, /twice/],
    [`${PLAIN}fields: f`, /not a list/],
    [`${PLAIN}related: [{id: x}]`, /related/],
    [`${PLAIN}status: deprecated`, /RULE_UNSUPPORTED its status is deprecated/],
    [`${PLAIN}taxonomy: ecs`, /RULE_UNSUPPORTED taxonomy ecs/],
    [`${PLAIN}x-vitrine: {supress: {}}`, /x-vitrine.supress is not known/],
    [`${PLAIN}x-vitrine: {suppress: {for: 5 minutes}}`, /30s, 15m/],
    [`${PLAIN}x-vitrine: {suppress: {per: [a]}}`, /suppress.per is not known/],
    [`${PLAIN}x-vitrine: {vantage: moon}`, /no vantage/],
    [`${PLAIN}x-vitrine: {risk: [bad]}`, /x-vitrine.risk/],
    [`${PLAIN}x-vitrine: {needs: strace}`, /needs is not a list/],
    [`${PLAIN}x-vitrine: {needs: [strace]}`, /needs is not a list of texts/],
    [`${PLAIN}x-vitrine: {needs: [[]]}`, /a group has no name/],
    [`${PLAIN}x-vitrine: []`, /not a map/],
    [`${PLAIN}x-vitrine: {what: ""}`, /x-vitrine.what/],
    [PLAIN.replace('{f: 1}', '{}'), /map is empty/],
    [PLAIN.replace('{f: 1}', '[]'), /list is empty/],
    [PLAIN.replace('{f: 1}', '5'), /neither a map nor a list/],
    [PLAIN.replace('{f: 1}', '{f: 0755}'), /0755 is not a number as records have them: put it in/],
    [PLAIN.replace('{f: 1}', '{f: [1, 0x10]}'), /0x10 is not a number/],
    [PLAIN.replace('{f: 1}', '{f: 9007199254740993}'), /9007199254740993 is not a number/],
    [`${PLAIN}#${'x'.repeat(RULE_BYTES_MAX)}`, /RULE_TOO_LARGE/],
  ];
  for (const [text, reason] of wrong) assert.match(refusal(text), reason);
  assert.match(refusal(PLAIN, 'a b.yml'), /no rule id/);
  const files = wrong.map(([text], i) => ({ name: `X-${i}.yml`, text }));
  const loaded = loadRules([...files, { name: 'Y-001.yml', text: PLAIN }]);
  assert.deepEqual(
    loaded.rules.map(({ id }) => id),
    ['Y-001'],
  );
  assert.equal(loaded.refused.length, wrong.length);
});

test('limits: a file at its size, a second rule of one id, one rule too many', () => {
  const text = `${PLAIN}#${'x'.repeat(RULE_BYTES_MAX - PLAIN.length - 1)}`;
  assert.deepEqual(loadRules([{ name: 'X-001.yml', text }]).refused, []);
  const twice = loadRules(['a/X-001.yml', 'b/X-001.yaml'].map((name) => ({ name, text: PLAIN })));
  assert.deepEqual(
    twice.refused.map(({ file, code }) => [file, code]),
    [['b/X-001.yaml', 'RULE_DUPLICATE']],
  );
  const files = Array.from({ length: RULES_MAX + 1 }, (_, i) => ({ name: `X-${i}`, text: PLAIN }));
  const many = loadRules(files);
  assert.equal(many.rules.length, RULES_MAX);
  assert.deepEqual(
    many.refused.map(({ code }) => code),
    ['RULE_TOO_LARGE'],
  );
});

test('the linter tells refused files as errors and poor rules as warnings, in file order', () => {
  const poor = `${PLAIN.replace('{f: 1}', '{f: 1}, spare: {g: 1}')}x-vitrine: {todo: Look.}`;
  const findings = lintRules([
    { name: 'poor.yml', text: poor },
    { name: 'X-001.yml', text: 'a: [' },
  ]);
  assert.deepEqual(
    findings.map(({ file, level, code }) => `${file} ${level} ${code}`),
    [
      'poor.yml warning NO_ID',
      'poor.yml warning NO_LEVEL',
      'poor.yml warning NO_DESCRIPTION',
      'poor.yml warning NO_FALSE_POSITIVES',
      'poor.yml warning NO_FIELDS',
      'poor.yml warning NO_WHAT',
      'poor.yml warning NO_RISK',
      'poor.yml warning NO_ATTACK',
      'poor.yml warning NO_TECHNIQUE_V18',
      'poor.yml warning FILE_NAME',
      'poor.yml warning UNUSED_SELECTION',
      'X-001.yml error RULE_MALFORMED',
    ],
  );
});
