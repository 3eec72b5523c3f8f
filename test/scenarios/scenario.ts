/**
 * The scenarios as tests read them: `<name>/scenario.json` says what happens, which rules it
 * raises and how it is played, and `<name>.benign` is the same with one fact changed, which raises
 * nothing. `stream`: what emitters wrote, in `stream.txt` (test/rules/raw-emitters.ts). `run`: the
 * agent in `workspace` is run by `vitrine run`, with what `rw`, `rw_no_delete`, `purpose` and
 * `provider` give it; a twin brings the files in which it differs from its base.
 */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SHIPPED_RULES } from '@vitrine/detect';

export interface Scenario {
  name: string;
  title: string;
  says: string;
  /** The rule that it is about, or `silence`. */
  expects: string;
  /** Other rules that it raises. */
  also?: string[];
  /** Of the rule that it is about. */
  severity?: string;
  base?: string;
  how: 'stream' | 'run';
  /** Directories beside the workspace that the session is granted. */
  rw?: string[];
  rw_no_delete?: string[];
  purpose?: 'work' | 'evaluation';
  /** Needs the stand-in for a provider, and a key for it. */
  provider?: boolean;
}

export const SCENARIOS = [
  'foreign-key',
  'blind-edr',
  'employee-phish',
  'helpful-escape',
  'no-delete',
  'answer-key',
  'classifier-miss',
  'poisoned-tool',
  'poisoned-memory',
];

const HERE = fileURLToPath(new URL('./', import.meta.url));

export function readScenario(name: string): Scenario {
  const text = readFileSync(join(HERE, name, 'scenario.json'), 'utf8');
  return { name, ...(JSON.parse(text) as Omit<Scenario, 'name'>) };
}

/** The scenario and its twin. */
export function readPair(name: string): [Scenario, Scenario] {
  return [readScenario(name), readScenario(`${name}.benign`)];
}

export function rulesOf({ expects, also = [] }: Scenario): string[] {
  return expects === 'silence' ? [] : [expects, ...also].sort();
}

/** Of the folder that is named, or else of its base. */
export function streamOf({ name, base = name }: Scenario): string {
  const own = join(HERE, name, 'stream.txt');
  return readFileSync(existsSync(own) ? own : join(HERE, base, 'stream.txt'), 'latin1');
}

/** Puts the files of a scenario that is run into `dir`: its workspace, and what is granted beside. */
export function layOut({ base, name, rw = [], rw_no_delete = [] }: Scenario, dir: string): void {
  for (const part of ['workspace', ...rw, ...rw_no_delete]) {
    for (const from of [base, name]) {
      const folder = from === undefined ? undefined : join(HERE, from, part);
      if (folder !== undefined && existsSync(folder)) {
        cpSync(folder, join(dir, part), { recursive: true });
      }
    }
  }
}

/** The file of a shipped rule, and what makes it unused: a rule of that name that is refused. */
export function unusedRule(id: string): { file: string; text: string } {
  const text = readFileSync(new URL(`${id}.yml`, SHIPPED_RULES), 'utf8');
  const file = `${id}.yml`;
  return { file, text: text.replace('status: experimental', 'status: deprecated') };
}
