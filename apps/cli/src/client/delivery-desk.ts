/** The routes about connectors and their dead letters, and what they answer. */
import { CliError } from '../error.ts';
import type { ApiRequest } from './client.ts';
import { connectorPath } from './paths.ts';
import { answersOf } from './refusal.ts';

export interface ConnectorItem {
  name: string;
  type: string;
  guarantee: 'answered' | 'settled' | 'lossy';
  state: string;
  cursor: number;
  lag: number;
  lagMs: number;
  delivered: number;
  failed: number;
  dead: number;
  pausedBy: 'person' | 'answers' | null;
  pausedReason: string | null;
  lastError: string | null;
  lastErrorHint: string | null;
  /** Unix milliseconds, as is `lastSuccessAt`. */
  lastErrorAt: number | null;
  lastSuccessAt: number | null;
}

export interface TestStep {
  step: string;
  ok: boolean;
  ms: number;
  detail: string;
}

export interface ConnectorTest {
  connector: string;
  type: string;
  ok: boolean;
  confirmed: boolean;
  alert: string;
  steps: TestStep[];
}

interface ShownBody {
  body: string;
  encoding: 'utf8' | 'base64';
  bytes: number;
}

export interface DryRun {
  connector: string;
  type: string;
  ok: boolean;
  alert: string;
  problem: string | null;
  requests: (ShownBody & {
    step: string;
    method: string;
    url: string;
    headers: Record<string, string>;
  })[];
  message: (ShownBody & { to: string; details: Record<string, string> }) | null;
}

export interface DeadLetterItem {
  id: string;
  index: number;
  session: string;
  rule: string;
  reason: string;
  attempts: number;
  at: string;
}

/** Which dead letters: all, some, or those of leaves from one to another. */
export type Chosen = { ids: string[] | 'all' } | { range: { from: number; to: number } };

interface Ways {
  json<T>(method: string, path: string, asking?: ApiRequest): Promise<T>;
  bytes(method: string, path: string, asking?: ApiRequest): Promise<AsyncIterable<Uint8Array>>;
}

export class DeliveryDesk {
  readonly #ways: Ways;

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  async connectors(): Promise<ConnectorItem[]> {
    return (await this.#ways.json<{ items: ConnectorItem[] }>('GET', '/v1/connectors')).items;
  }

  /** `onStep` hears of each step when it is over. */
  async test(name: string, onStep: (step: TestStep) => void): Promise<ConnectorTest> {
    const asking = { body: {}, accept: 'application/x-ndjson' };
    const bytes = await this.#ways.bytes('POST', connectorPath(name, 'test'), asking);
    for await (const line of answersOf<{ step?: TestStep; report?: ConnectorTest }>(bytes)) {
      if (line.step !== undefined) onStep(line.step);
      if (line.report !== undefined) return line.report;
    }
    throw new CliError('API_FAILED', 'the test ended without a report', 'run it again');
  }

  dryRun(name: string): Promise<DryRun> {
    return this.#post(name, 'dry-run', {});
  }

  pause(name: string, reason: string): Promise<ConnectorItem> {
    return this.#post(name, 'pause', { reason });
  }

  resume(name: string, reason: string | undefined): Promise<ConnectorItem> {
    return this.#post(name, 'resume', { reason });
  }

  async deadLetters(name: string): Promise<DeadLetterItem[]> {
    const path = connectorPath(name, 'dead-letters');
    return (await this.#ways.json<{ items: DeadLetterItem[] }>('GET', path)).items;
  }

  replay(name: string, chosen: Chosen, reason: string | undefined) {
    const body = { ...chosen, reason };
    return this.#post<{ queued: number; missing: string[] }>(name, 'replay', body);
  }

  drop(name: string, ids: string[] | 'all', reason: string) {
    const body = { ids, reason };
    return this.#post<{ dropped: number; missing: string[] }>(name, 'drop', body);
  }

  #post<T>(name: string, verb: string, body: object): Promise<T> {
    return this.#ways.json('POST', connectorPath(name, verb), { body });
  }
}
