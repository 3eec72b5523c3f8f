/**
 * Scenarios on disk: `test/scenarios/<name>/` with a `scenario.json` and either what emitters wrote
 * (`stream.txt`) or the files of an agent's workspace. A benign twin names its base and brings only
 * the files in which it differs.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isObject } from '@vitrine/schema';
import { CliError } from '../error.ts';

const SCENARIOS = fileURLToPath(new URL('../../../../test/scenarios/', import.meta.url));

export interface Scenario {
  name: string;
  title: string;
  /** The one fact that makes it what it is. */
  says: string;
  /** The rule that must fire, or `silence`. */
  expects: string;
  /** Other rules that fire with it. */
  also: string[];
  base: string | undefined;
  /** Whether an agent is run, or a stream replayed. */
  how: 'run' | 'stream';
  /** Directories beside the workspace that the session is granted. */
  rw: string[];
  rwNoDelete: string[];
  purpose: string | undefined;
  /** Needs the stand-in for a provider, and a key for it. */
  provider: boolean;
}

/** Those of the incidents and risks that Vitrine was made for. */
export const SCENARIO_NAMES: readonly string[] = [
  'foreign-key',
  'blind-edr',
  'employee-phish',
  'helpful-escape',
  'no-delete',
  'answer-key',
  'rubber-stamp',
  'classifier-miss',
  'poisoned-tool',
  'poisoned-memory',
  'trusted-subagent',
];

export function readScenario(name: string, root = SCENARIOS): Scenario {
  const path = join(root, name, 'scenario.json');
  if (!existsSync(path)) {
    throw new CliError('DEMO_FAILED', `there is no scenario ${name}`, `looked for ${path}`);
  }
  const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const given = isObject(read) ? read : {};
  const { title, says, expects, base, purpose } = given;
  if (typeof title !== 'string' || typeof says !== 'string' || typeof expects !== 'string') {
    const message = `${path} has no title, says and expects`;
    throw new CliError('DEMO_FAILED', message, 'compare it with the others');
  }
  return {
    name,
    title,
    says,
    expects,
    also: textsOf(given.also),
    base: typeof base === 'string' ? base : undefined,
    how: given.how === 'stream' ? 'stream' : 'run',
    rw: textsOf(given.rw),
    rwNoDelete: textsOf(given.rw_no_delete),
    purpose: typeof purpose === 'string' ? purpose : undefined,
    provider: given.provider === true,
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** What the emitters of a replayed scenario wrote. */
export function streamOf({ name }: Scenario, root = SCENARIOS): string {
  return readFileSync(join(root, name, 'stream.txt'), 'latin1');
}

/** Rules that fire, in the order of their names. */
export function rulesOf({ expects, also }: Scenario): string[] {
  return expects === 'silence' ? [] : [expects, ...also].sort();
}

/**
 * Copies the scenario's workspace, or another folder of it, to `dir`, which is emptied first: every
 * run begins the same.
 */
export function layOut(scenario: Scenario, dir: string, part = 'workspace'): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const name of [scenario.base, scenario.name]) {
    const folder = name === undefined ? '' : join(SCENARIOS, name, part);
    if (existsSync(folder)) cpSync(folder, dir, { recursive: true });
  }
}
