/** Rules in the folder of a running system: put there, refused, taken away. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertsAbout, type EventItem } from './events.ts';
import { JSON_TYPE, jsonBody, post } from './otlp.ts';
import type { System } from './system.ts';
import { until } from './until.ts';

const EFFECT_MS_MAX = 15_000;
export const CONTROL_RULE = 'ACC-002';

/** A rule about reads below `/ledger/<word>`, where `sendRead` claims to read. */
export function ruleAbout(word: string): string {
  return `title: A file of ${word} was read
status: test
logsource:
  product: agent_sandbox
  category: file
detection:
  read:
    kind: file.read
    file.path|startswith: /ledger/${word}
  condition: read
level: low
x-vitrine:
  what: "{file.path} was read."
  todo: Nothing; this is a test.
`;
}

/** Leaves the control rule behind, which is about reads of `control`. */
export async function followsTheFolder(system: System, token: string): Promise<void> {
  const file = (name: string): string => join(system.data, 'rules', name);
  writeFileSync(file('ACC-001.yml'), ruleAbout('first'));
  writeFileSync(file(`${CONTROL_RULE}.yml`), ruleAbout('control'));
  const known = await until('both rules are used', EFFECT_MS_MAX, async () => {
    const rules = await rulesOf(system);
    return rules.ids.includes('ACC-001') && rules.ids.includes(CONTROL_RULE) ? rules : undefined;
  });
  for (const id of ['EGR-001', 'FS-001', 'TEL-003']) assert.ok(known.ids.includes(id), id);
  // A file that is refused changes nothing else.
  writeFileSync(file('ACC-003.yml'), ruleAbout('third').replace('status: test', 'status: new'));
  await until('the third is refused', EFFECT_MS_MAX, async () => {
    const { stderr } = await system.cli('rules', 'list');
    return /^refused ACC-003\.yml: RULE_\w+: .*status/m.test(stderr) || undefined;
  });
  const { ids } = await rulesOf(system);
  assert.deepEqual([...ids].sort(), [...known.ids].sort());
  rmSync(file('ACC-003.yml'));

  await sendRead(system, token, 'with-rule', 'first');
  await alertOf(system, 'with-rule', 'ACC-001');

  rmSync(file('ACC-001.yml'));
  await until('the rule is gone', EFFECT_MS_MAX, async () => {
    return !(await rulesOf(system)).ids.includes('ACC-001') || undefined;
  });
  await sendRead(system, token, 'without-rule', 'first');
  // Detection reads the log in order: what fires later shows that the earlier was read.
  await sendRead(system, token, 'after-rule', 'control');
  await alertOf(system, 'after-rule', CONTROL_RULE);
  assert.deepEqual(await alertsAbout(system, 'without-rule'), []);
}

interface Rules {
  ids: string[];
}

async function rulesOf(system: System): Promise<Rules> {
  const { items } = await system.json<{ items: { id: string }[] }>('rules', 'list');
  return { ids: items.map(({ id }) => id) };
}

/** Claims, as an agent's telemetry might, that a file below `/ledger/<word>` was read. */
export async function sendRead(
  { run }: System,
  token: string,
  session: string,
  word: string,
): Promise<void> {
  const body = jsonBody([{ id: `${word}-${session}`, session, t: `${Date.now()}000000` }]);
  const answer = await post({ url: `${run.otlp_http}/v1/logs`, token, type: JSON_TYPE, body });
  assert.equal(answer.status, 200, answer.body.toString());
}

export function alertOf(system: System, session: string, rule: string): Promise<EventItem> {
  return until(`an alert of ${rule}`, EFFECT_MS_MAX, async () => {
    return (await alertsAbout(system, session)).find(({ record }) => record.rule === rule);
  });
}
