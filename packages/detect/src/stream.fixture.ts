/** Rules and rows for the tests of what remembers: short YAML, seconds for times. */
import assert from 'node:assert/strict';
import type { JsonObject } from '@vitrine/schema';
import type { AlertDraft } from './alert.ts';
import { Engine } from './engine.ts';
import type { DetectInput } from './input.ts';
import { loadRules } from './load.ts';
import type { Rule } from './rule.ts';

const START_MS = 1_795_425_180_000;
/** As a log seals while a session is open. */
const SEAL_EVERY_S = 5;

export function rulesOf(...texts: string[]): Rule[] {
  const files = texts.map((text, i) => ({ name: `T-${String(i + 1).padStart(3, '0')}.yml`, text }));
  const { rules, refused } = loadRules(files);
  assert.deepEqual(refused, []);
  return rules;
}

/** Code and reason of the one file that is refused. */
export function refusalOf(text: string): string {
  const { rules, refused } = loadRules([{ name: 'T-001.yml', text }]);
  assert.equal(rules.length, 0, text);
  return `${refused[0]!.code} ${refused[0]!.reason}`;
}

/** `name` selects records of `kind`. */
export function base(name: string, kind: string, more = ''): string {
  return `title: ${name}
name: ${name}
logsource: {product: agent_sandbox}
detection: {sel: {kind: ${kind}}, condition: sel}
${more}`;
}

export function documents(...texts: string[]): string {
  return texts.join('\n---\n');
}

/** As long as a leaf hash in base64. */
function leafOf(index: number): string {
  return `leaf${index}`.padEnd(44, '=');
}

export class Rows {
  #index = 0;

  row(kind: string, seconds: number, fields: JsonObject = {}, session = 's'): DetectInput {
    const index = this.#index++;
    const sup = kind === 'open' || kind === 'close';
    const shim = kind === 'seal' ? 'seal' : sup ? 'sup' : 'b.host';
    const of = kind === 'seal' ? 'log' : session;
    const t = `${Math.round((START_MS + seconds * 1_000) * 1_000)}000`;
    const record = { kind, session: of, shim, seq: index, t, ...fields };
    const vantage = sup ? '' : 'host';
    return { log: 'l', index, leaf: leafOf(index), session: of, shim, vantage, kind, record };
  }

  open(session = 's', fields: JsonObject = {}): DetectInput {
    return this.row('open', 0, { expected: [], ...fields }, session);
  }

  seals(from: number, to: number): DetectInput[] {
    const count = Math.floor((to - from) / SEAL_EVERY_S);
    return Array.from({ length: count + 1 }, (_, i) => this.row('seal', from + i * SEAL_EVERY_S));
  }
}

export function alertsOf(rules: Rule[], rows: readonly DetectInput[]): AlertDraft[] {
  const engine = new Engine(rules);
  return rows.flatMap((one) => engine.observe(one));
}

/** Opens the sessions, and lets the log go on well beyond the last row. */
export function heard(rules: Rule[], rows: Rows, middle: readonly DetectInput[]): AlertDraft[] {
  const sessions = new Set(middle.map(({ session }) => session).filter((name) => name !== 'log'));
  const opens = [...sessions].map((name) => rows.open(name, { user: `user of ${name}` }));
  return alertsOf(rules, [...opens, ...middle, ...rows.seals(0, 4_000)]);
}
