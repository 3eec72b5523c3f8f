/**
 * The shipped rules: each says what it is about in everybody's terms, fires on what real emitters
 * wrote, and is silent about a twin of it. A rule that nothing can feed says what it lacks.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../path/collector-process.ts';
import type { System } from '../path/system.ts';

const RULES = join(REPOSITORY, 'packages/detect/rules');
const STREAMS_EACH_MIN = 2;
/** What an analyst would miss first, and three about observers who disagree. */
const FIRST_CUT = [
  ...['EGR-001', 'EGR-002', 'EGR-003', 'EGR-004', 'EGR-005'],
  ...['FS-001', 'FS-002', 'FS-004', 'FS-005', 'FS-006'],
  ...['CRED-001', 'CRED-004', 'APR-001', 'APR-002', 'APR-004', 'APR-009'],
  ...['INJ-001', 'INJ-002', 'MCP-001', 'MEM-001', 'MEM-004', 'AGT-001', 'AGT-004'],
  ...['BEN-001', 'TEL-001', 'TEL-002', 'TEL-003'],
  ...['TEL-006', 'TEL-013', 'EGR-016'],
];

interface Run {
  rule: string;
  stream: string;
  expected: 'fires' | 'silent';
  alerts: string[];
  ok: boolean;
}

interface Rule {
  id: string;
  title: string;
  severity: string;
  tags: string[];
  technique_v18: string[];
  risk: string[];
  falsepositives: string[];
  todo: string;
  state: string;
  missing: string[];
}

/** Every rule on every recording that stands beside it. */
export async function firesAndIsSilent(system: System): Promise<void> {
  const { runs } = await system.json<{ runs: Run[] }>('rules', 'test', RULES);
  assert.deepEqual(
    runs.filter(({ ok }) => !ok),
    [],
  );
  for (const id of FIRST_CUT) {
    const own = runs.filter(({ rule }) => rule === id);
    for (const kind of ['fires', 'silent'] as const) {
      const streams = own.filter(({ expected }) => expected === kind);
      assert.ok(streams.length >= STREAMS_EACH_MIN, `${id} has ${streams.length} ${kind} streams`);
    }
    for (const { expected, alerts } of own) assert.equal(alerts.length > 0, expected === 'fires');
  }
}

/** A stream that is taken for its twin: the command must say so. */
export async function saysWhichStreamIsWrong(system: System): Promise<void> {
  const folder = join(system.dir, 'swapped');
  const streams = join(folder, 'streams', 'EGR-001');
  mkdirSync(streams, { recursive: true });
  cpSync(join(RULES, 'EGR-001.yml'), join(folder, 'EGR-001.yml'));
  cpSync(join(RULES, 'streams', 'EGR-001'), streams, { recursive: true });
  assert.equal((await system.cli('rules', 'test', folder)).code, 0);
  const silent = readdirSync(streams).find((name) => name.startsWith('silent-'))!;
  const swapped = silent.replace('silent-', 'fires-swapped-');
  renameSync(join(streams, silent), join(streams, swapped));
  const { code, stdout, stderr } = await system.cli('rules', 'test', folder);
  assert.equal(code, 1, stdout + stderr);
  assert.ok((stdout + stderr).includes(swapped), stdout + stderr);
}

/** In the terms of ATT&CK, of both its present and its last version, and of ATLAS. */
export async function saysWhatItIsAbout(system: System): Promise<void> {
  const { items } = await system.json<{ items: Rule[] }>('rules', 'list');
  for (const id of FIRST_CUT) {
    const rule = items.find((item) => item.id === id);
    assert.ok(rule !== undefined, `${id} is not in use`);
    const tagged = (prefix: string) => rule.tags.some((tag) => tag.startsWith(prefix));
    assert.ok(tagged('attack.t') && tagged('atlas.aml.t'), `${id}: ${rule.tags}`);
    for (const list of [rule.technique_v18, rule.risk, rule.falsepositives]) {
      assert.ok(list.length > 0, `${id}: ${JSON.stringify(rule)}`);
    }
    for (const text of [rule.title, rule.severity, rule.todo]) assert.ok(text.length > 0, id);
  }
}

/** While nothing that could feed it is connected. Before the scenarios are played. */
export async function saysWhatItLacks(system: System): Promise<void> {
  const { items } = await system.json<{ items: Rule[] }>('rules', 'list');
  const { state, missing } = items.find(({ id }) => id === 'EGR-001')!;
  assert.equal(state, 'dormant');
  assert.ok(missing.length > 0);
}
