/**
 * The whole state of an engine as JSON, and an engine that goes on from it: what follows raises the
 * same alerts as if nothing had stopped. The state of a rule is only read by the same rule.
 */
import { isObject, type Json, type JsonObject } from '@vitrine/schema';
import type { Running } from './engine.ts';
import type { DetectInput } from './input.ts';
import { broken, listOf, objectOf, Restorer, Saver, textOf } from './saved.ts';
import type { SessionContext } from './session.ts';
import type { Suppressor } from './suppress.ts';

/** Changes with every change of what is written. */
const FORMAT = 'vitrine-detect-1';

interface EngineState {
  sessions: Map<string, SessionContext | undefined>;
  suppressor: Suppressor;
  running: ReadonlyMap<string, Running>;
}

/** Ids of rules that remember, by what became of what they remembered. */
export interface Resumed {
  kept: string[];
  dropped: string[];
}

export function snapshotOf(state: EngineState & { early: readonly DetectInput[] }): JsonObject {
  const saver = new Saver();
  const rules: JsonObject = {};
  for (const [id, { rule, watch }] of state.running) {
    if (watch === undefined) continue;
    rules[id] = { hash: rule.hash, state: watch.save(saver) };
  }
  return {
    format: FORMAT,
    sessions: [...state.sessions].map(([name, context]) => [name, saver.context(context)]),
    early: state.early.map((row) => saver.row(row)),
    silence: state.suppressor.save(),
    rules,
    contexts: saver.contexts,
  };
}

export function resumeFrom(
  snapshot: unknown,
  state: EngineState,
): { early: DetectInput[]; resumed: Resumed } {
  if (!isObject(snapshot as Json)) return broken('it is not a map');
  const { format, contexts, sessions, early, silence, rules } = snapshot as JsonObject;
  if (format !== FORMAT) return broken(`it is of another format than ${FORMAT}`);
  const restorer = new Restorer(contexts);
  for (const entry of listOf(sessions)) {
    const [name, context] = listOf(entry);
    state.sessions.set(textOf(name), restorer.context(context));
  }
  state.suppressor.load(silence);
  const resumed: Resumed = { kept: [], dropped: [] };
  for (const [id, saved] of Object.entries(objectOf(rules))) {
    const { hash, state: kept } = objectOf(saved);
    const running = state.running.get(id);
    const isSame = running?.watch !== undefined && running.rule.hash === hash;
    (isSame ? resumed.kept : resumed.dropped).push(id);
    if (isSame) running.watch!.load(kept ?? null, restorer);
  }
  return { early: listOf(early).map((row) => restorer.row(row)), resumed };
}
