/**
 * Detection in a thread of its own, so that it never slows intake: rows in, alerts out, in order.
 * Holds the engine and nothing durable; the client feeds it again after a restart.
 */
import { parentPort } from 'node:worker_threads';
import {
  type AlertDraft,
  type DetectInput,
  Engine,
  loadRules,
  outlineRule,
  type Rule,
  type RuleFile,
} from '@vitrine/detect';
import type { FailedRows, RefusedRule, RuleListing } from '@vitrine/schema/api';
import { type PackedRows, unpackRows } from './rows.ts';

export type WorkerRequest =
  /** `strict`: with one that is refused, other than for its status, none is taken. */
  | { type: 'rules'; id: number; files: RuleFile[]; strict: boolean }
  /** What another engine knew, as JSON: of one that knows nothing but its rules. */
  | { type: 'restore'; state: Uint8Array<ArrayBuffer> }
  /**
   * Rows that only tell what was before: what they would raise was raised then. `ends`: they end
   * as a batch does; others follow each other as if they were one message.
   */
  | { type: 'prime'; rows: PackedRows; ends: boolean }
  | { type: 'rows'; rows: PackedRows; to: number }
  /** What the engine knows now; `to` is what it has read. */
  | { type: 'save'; to: number };

export type WorkerReply =
  | {
      type: 'rules';
      id: number;
      applied: boolean;
      loaded: RuleListing[];
      /** Names of the files that are in effect: of rules and of filters. */
      used: string[];
      refused: RefusedRule[];
    }
  /** `error`: it knows nothing still. */
  | { type: 'restored'; dropped: string[]; error: string | null }
  /** `state`: null where it does not fit one text. */
  | { type: 'saved'; to: number; state: Uint8Array<ArrayBuffer> | null; ms: number }
  | {
      type: 'alerts';
      alerts: AlertDraft[];
      to: number;
      evicted: Record<string, number>;
      failed: FailedRows;
    };

/** A seal of no time: it ends a batch and moves no clock. */
const BATCH_END: DetectInput = {
  log: '',
  index: -1,
  leaf: '',
  session: 'log',
  shim: 'seal',
  vantage: '',
  kind: 'seal',
  record: { t: '0' },
};

let engine = new Engine([]);
let rules: Rule[] = [];
const port = parentPort!;
let failed: FailedRows = { count: 0, last: null };

port.on('message', (request: WorkerRequest) => {
  switch (request.type) {
    case 'rules':
      return reply(takeRules(request));
    case 'restore':
      return reply(restored(request.state));
    case 'save':
      return save(request.to);
    case 'prime':
      for (const row of unpackRows(request.rows)) observe(row);
      // What still waits for its session's `open` was judged then as well.
      if (request.ends) observe(BATCH_END);
      return;
    case 'rows': {
      const alerts = unpackRows(request.rows).flatMap(observe);
      const { evicted } = engine;
      return reply({ type: 'alerts', alerts, to: request.to, evicted, failed });
    }
  }
});

/** More than a text can hold is not said, and no reason to end: what was saved before stays. */
function save(to: number): void {
  const since = performance.now();
  let state: Uint8Array<ArrayBuffer> | null = null;
  try {
    state = new Uint8Array(Buffer.from(JSON.stringify(engine.snapshot())));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  const saved = { type: 'saved', to, state, ms: performance.now() - since } as const;
  port.postMessage(saved satisfies WorkerReply, state === null ? [] : [state.buffer]);
}

function takeRules({ id, files, strict }: WorkerRequest & { type: 'rules' }): WorkerReply {
  const { rules: found, refused, filters } = loadRules(files);
  const retired = new Set(files.filter(isRetired).map(({ name }) => name));
  const applied = !strict || refused.every(({ file }) => retired.has(file));
  if (applied) {
    rules = found;
    engine.replace(rules);
  }
  const loaded = found.map((rule): RuleListing => {
    const { id, file, title, level, tags, risk, what, todo, falsepositives, needs } = rule;
    const { status, description = null, vantage = null } = rule;
    const kinds = rule.kinds?.slice() ?? null;
    const said = { id, file, title, severity: level, status, description, kinds, vantage, tags };
    return { ...said, technique_v18: rule.techniqueV18, risk, what, todo, falsepositives, needs };
  });
  const used = [...loaded, ...filters].map(({ file }) => file);
  return { type: 'rules', id, applied, loaded, used, refused };
}

/**
 * Its author says that it is not to run: with such a file an operator takes a shipped rule of the
 * same name out of use, which is no fault.
 */
function isRetired({ text }: RuleFile): boolean {
  if (!/^status:/m.test(text)) return false;
  try {
    const { status } = outlineRule(text);
    return status === 'deprecated' || status === 'unsupported';
  } catch {
    return false;
  }
}

/** An engine that cannot take it is thrown away: none may go on with half of it. */
function restored(state: Uint8Array): WorkerReply {
  try {
    const { dropped } = engine.restore(JSON.parse(Buffer.from(state).toString()));
    return { type: 'restored', dropped, error: null };
  } catch (error) {
    engine = new Engine(rules);
    const reason = error instanceof Error ? error.message : String(error);
    return { type: 'restored', dropped: [], error: reason };
  }
}

/** No row may end the thread: a sender who found one that does would blind all sessions. */
function observe(row: DetectInput): AlertDraft[] {
  try {
    return engine.observe(row);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    failed = { count: failed.count + 1, last: { index: row.index, reason } };
    return [];
  }
}

function reply(message: WorkerReply): void {
  port.postMessage(message);
}
