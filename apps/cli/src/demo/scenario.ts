/**
 * Scenarios on disk: `test/scenarios/<name>/` with a `scenario.json` and the files of the agent's
 * workspace. A benign twin names its base and brings only the files in which it differs.
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
  base: string | undefined;
}

export function readScenario(name: string, root = SCENARIOS): Scenario {
  const path = join(root, name, 'scenario.json');
  if (!existsSync(path)) {
    throw new CliError('DEMO_FAILED', `there is no scenario ${name}`, `looked for ${path}`);
  }
  const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const { title, says, expects, base } = isObject(read) ? read : {};
  if (typeof title !== 'string' || typeof says !== 'string' || typeof expects !== 'string') {
    const message = `${path} has no title, says and expects`;
    throw new CliError('DEMO_FAILED', message, 'compare it with the others');
  }
  return {
    name,
    title,
    says,
    expects,
    base: typeof base === 'string' ? base : undefined,
  };
}

/** Copies the scenario's workspace to `dir`, which is emptied first: every run begins the same. */
export function layOut(scenario: Scenario, dir: string, root = SCENARIOS): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const name of [scenario.base, scenario.name]) {
    if (name === undefined) continue;
    cpSync(join(root, name, 'workspace'), dir, { recursive: true });
  }
}
