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
  type RefusedRule,
  type RuleFile,
} from '@vitrine/detect';
import { type PackedRows, unpackRows } from './rows.ts';

export type WorkerRequest =
  /** `strict`: with one that is refused, none is taken. */
  | { type: 'rules'; id: number; files: RuleFile[]; strict: boolean }
  /** Rows that only tell what was before: what they would raise was raised then. */
  | { type: 'prime'; rows: PackedRows }
  | { type: 'rows'; rows: PackedRows; to: number };

/** What a list says of a rule; its text is in its file. */
export interface RuleListing {
  id: string;
  file: string;
  title: string;
  level: string;
  /** Sigma's `status`: how far its author trusts it. */
  status: string | null;
  description: string | null;
  /** Kinds of event it may select; a dot at the end stands for all below; null for all. */
  kinds: string[] | null;
  vantage: string | null;
  tags: string[];
  technique_v18: string[];
  risk: string[];
  what: string;
  todo: string;
  falsepositives: string[];
  /** Names of sources: one of each group has to be connected. */
  needs: string[][];
}

/** Rows that a rule could not be tried on: a fault of ours, which costs that row alone. */
export interface FailedRows {
  count: number;
  last: { index: number; reason: string } | null;
}

export type WorkerReply =
  | {
      type: 'rules';
      id: number;
      applied: boolean;
      loaded: RuleListing[];
      refused: RefusedRule[];
    }
  | {
      type: 'alerts';
      alerts: AlertDraft[];
      to: number;
      evicted: Record<string, number>;
      failed: FailedRows;
    };

/** The part of a rule about two records that is not what it fires on. */
const PARTNER = 'partner';

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

const engine = new Engine([]);
const port = parentPort!;
let failed: FailedRows = { count: 0, last: null };

port.on('message', (request: WorkerRequest) => {
  switch (request.type) {
    case 'rules':
      return reply(takeRules(request));
    case 'prime':
      for (const row of unpackRows(request.rows)) observe(row);
      // What still waits for its session's `open` was judged then as well.
      observe(BATCH_END);
      return;
    case 'rows': {
      const alerts = unpackRows(request.rows).flatMap(observe);
      const { evicted } = engine;
      return reply({ type: 'alerts', alerts, to: request.to, evicted, failed });
    }
  }
});

function takeRules({ id, files, strict }: WorkerRequest & { type: 'rules' }): WorkerReply {
  const { rules, refused } = loadRules(files);
  const applied = !strict || refused.length === 0;
  if (applied) engine.replaceRules(rules);
  const loaded = rules.map((rule): RuleListing => {
    const { id, file, title, level, tags, risk, what, todo, falsepositives, needs } = rule;
    const { description = null, vantage = null } = rule;
    const { status, kinds } = outlined(rule.text);
    const said = { id, file, title, level, status, description, kinds, vantage, tags };
    return { ...said, technique_v18: rule.techniqueV18, risk, what, todo, falsepositives, needs };
  });
  return { type: 'rules', id, applied, loaded, refused };
}

function outlined(text: string): Pick<RuleListing, 'status' | 'kinds'> {
  const { status, parts } = outlineRule(text);
  const kinds = parts.filter(({ name }) => name !== PARTNER).map((part) => part.kinds);
  const some = kinds.filter((names) => names !== null);
  return { status, kinds: some.length < kinds.length ? null : [...new Set(some.flat())] };
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
