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
import type { JsonObject } from '@vitrine/schema';

/** A row on its way to the thread: its record is still text. */
export type WorkerRow = Omit<DetectInput, 'record'> & { record: string };

export type WorkerRequest =
  | { type: 'rules'; files: RuleFile[] }
  /** Rows that only tell about open sessions: what they would raise was raised before. */
  | { type: 'prime'; rows: WorkerRow[] }
  | { type: 'rows'; rows: WorkerRow[]; to: number };

export interface RuleListing {
  id: string;
  file: string;
  title: string;
  level: string;
}

export type WorkerReply =
  | {
      type: 'rules';
      loaded: RuleListing[];
      refused: { file: string; code: string; reason: string }[];
    }
  | { type: 'alerts'; alerts: AlertDraft[]; to: number };

const engine = new Engine([]);
const port = parentPort!;

port.on('message', (request: WorkerRequest) => {
  switch (request.type) {
    case 'rules': {
      const { rules, refused } = loadRules(request.files);
      engine.replaceRules(rules);
      const loaded = rules.map(({ id, file, title, level }) => ({ id, file, title, level }));
      return reply({ type: 'rules', loaded, refused });
    }
    case 'prime':
      for (const row of request.rows) engine.observe(parsed(row));
      return;
    case 'rows': {
      const alerts = request.rows.flatMap((row) => engine.observe(parsed(row)));
      return reply({ type: 'alerts', alerts, to: request.to });
    }
  }
});

function parsed(row: WorkerRow): DetectInput {
  return { ...row, record: JSON.parse(row.record) as JsonObject };
}

function reply(message: WorkerReply): void {
  port.postMessage(message);
}
