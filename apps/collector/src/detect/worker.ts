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
  type RuleFile,
} from '@vitrine/detect';
import { type PackedRows, unpackRows } from './rows.ts';

export type WorkerRequest =
  | { type: 'rules'; files: RuleFile[] }
  /** Rows that only tell what was before: what they would raise was raised then. */
  | { type: 'prime'; rows: PackedRows }
  | { type: 'rows'; rows: PackedRows; to: number };

export interface RuleListing {
  id: string;
  file: string;
  title: string;
  level: string;
  /** Names of sources: one of each group has to be connected. */
  needs: string[][];
}

export type WorkerReply =
  | {
      type: 'rules';
      loaded: RuleListing[];
      refused: { file: string; code: string; reason: string }[];
    }
  | { type: 'alerts'; alerts: AlertDraft[]; to: number; evicted: Record<string, number> };

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

port.on('message', (request: WorkerRequest) => {
  switch (request.type) {
    case 'rules': {
      const { rules, refused } = loadRules(request.files);
      engine.replaceRules(rules);
      const loaded = rules.map(({ id, file, title, level, needs }) => {
        return { id, file, title, level, needs };
      });
      return reply({ type: 'rules', loaded, refused });
    }
    case 'prime':
      for (const row of unpackRows(request.rows)) engine.observe(row);
      // What still waits for its session's `open` was judged then as well.
      engine.observe(BATCH_END);
      return;
    case 'rows': {
      const alerts = unpackRows(request.rows).flatMap((row) => engine.observe(row));
      return reply({ type: 'alerts', alerts, to: request.to, evicted: engine.evicted });
    }
  }
});

function reply(message: WorkerReply): void {
  port.postMessage(message);
}
