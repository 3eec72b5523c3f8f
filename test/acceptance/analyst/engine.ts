/**
 * The engine as its users meet it: what it cannot honour it refuses by name, and its alerts do not
 * depend on how records arrived.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { push } from '../faces/push.ts';
import { adminToken, callApi } from '../path/api.ts';
import { alertedRules, alertsAbout, untilAlerted } from '../path/events.ts';
import type { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import { COUNTED_MIN, COUNTING_RULE, countedReads, writeCountingRule } from './counting.ts';

const RULES_MS_MAX = 15_000;

/** What no line of a rule may ask for, and what the refusal must name. */
const NOT_HONOURED: Record<string, [line: string, named: RegExp]> = {
  'ACC-021': ['file.path|re: (?<=a)b', /RULE_UNSUPPORTED: file\.path\|re: .*\(\?<=a\)b/],
  'ACC-022': ["file.path|expand: '%no_such_list%'", /RULE_UNSUPPORTED: .*%no_such_list%/],
  'ACC-023': ['file.path|sounds_like: ledger', /RULE_INVALID: .*sounds_like/],
};

function ruleOf(line: string): string {
  return `title: A line that cannot be honoured
status: experimental
logsource: {product: agent_sandbox, category: file}
detection:
  one:
    kind: file.read
    ${line}
  condition: one
level: low
x-vitrine: {what: It happened., todo: Nothing.}
`;
}

/** A rule that holds only in part would be a rule that is silently another one. */
export async function refusesByName(system: System): Promise<void> {
  const folder = join(system.dir, 'not-honoured');
  mkdirSync(folder);
  for (const [id, [line]] of Object.entries(NOT_HONOURED)) {
    writeFileSync(join(folder, `${id}.yml`), ruleOf(line));
  }
  const { code, stdout, stderr } = await system.cli('rules', 'lint', folder);
  assert.equal(code, 1, stderr);
  for (const [id, [, named]] of Object.entries(NOT_HONOURED)) {
    const said = (stdout + stderr).split('\n').filter((text) => text.includes(id));
    assert.ok(
      said.some((text) => named.test(text)),
      `${id}: ${stdout}${stderr}`,
    );
  }
  // The same rule with a line that can be honoured.
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'ACC-021.yml'), ruleOf('file.path|re: ^/ledger/[a-z]+$'));
  const kept = await system.cli('rules', 'lint', folder);
  assert.equal(kept.code, 0, kept.stdout + kept.stderr);
}

/** One request, ten requests, another order: the same alert; one read less: none. */
export async function alertsWhateverTheBatching(system: System): Promise<void> {
  await untilUsed(system);
  const start = Date.now() - 60_000;
  const reads = countedReads(start, 0, COUNTED_MIN);
  await push(system, 'counted-at-once', reads);
  for (const read of reads) await push(system, 'counted-one-by-one', [read]);
  await push(system, 'counted-backwards', reads.toReversed());
  await push(system, 'counted-one-less', reads.slice(1));
  for (const session of ['counted-at-once', 'counted-one-by-one', 'counted-backwards']) {
    await untilAlerted(system, session, COUNTING_RULE);
    assert.deepEqual(await alertedRules(system, session), [COUNTING_RULE], session);
    const [alert] = await alertsAbout(system, session);
    const { evidence } = alert!.record as { evidence: unknown[] };
    assert.equal(evidence.length, COUNTED_MIN);
  }
  assert.deepEqual(await alertedRules(system, 'counted-one-less'), []);
}

/** How far detection is behind is said where somebody looks for it. */
export async function saysHowFarBehind(system: System): Promise<void> {
  const { status, text } = await callApi(system.run, adminToken(system.data), 'GET', '/metrics');
  assert.equal(status, 200);
  for (const name of ['vitrine_detect_lag_rows', 'vitrine_detect_lag_seconds']) {
    assert.match(text, new RegExp(`^${name} \\d`, 'm'));
  }
  assert.match(text, /^vitrine_detect_up 1$/m);
}

async function untilUsed(system: System): Promise<void> {
  writeCountingRule(system.data);
  await until(`${COUNTING_RULE} is used`, RULES_MS_MAX, async () => {
    const { items } = await system.json<{ items: { id: string }[] }>('rules', 'list');
    return items.some(({ id }) => id === COUNTING_RULE) || undefined;
  });
}
