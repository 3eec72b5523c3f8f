/** The routes about connectors and their dead letters. */
import type {
  ConnectorItem,
  ConnectorsAnswer,
  DeadLetter,
  DeadLettersAnswer,
  DropAnswer,
  DryRun,
  ReplayAnswer,
  TestLine,
  TestReport,
  TestStep,
} from '@vitrine/schema/api';
import { CliError } from '../error.ts';
import type { ApiRequest } from './client.ts';
import { connectorPath } from './paths.ts';
import { answersOf } from './refusal.ts';

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
    return (await this.#ways.json<ConnectorsAnswer>('GET', '/v1/connectors')).items;
  }

  /** `onStep` hears of each step when it is over. */
  async test(name: string, onStep: (step: TestStep) => void): Promise<TestReport> {
    const asking = { body: {}, accept: 'application/x-ndjson' };
    const bytes = await this.#ways.bytes('POST', connectorPath(name, 'test'), asking);
    for await (const line of answersOf<TestLine>(bytes)) {
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

  async deadLetters(name: string): Promise<DeadLetter[]> {
    const path = connectorPath(name, 'dead-letters');
    return (await this.#ways.json<DeadLettersAnswer>('GET', path)).items;
  }

  replay(name: string, chosen: Chosen, reason: string | undefined) {
    const body = { ...chosen, reason };
    return this.#post<ReplayAnswer>(name, 'replay', body);
  }

  drop(name: string, ids: string[] | 'all', reason: string) {
    const body = { ids, reason };
    return this.#post<DropAnswer>(name, 'drop', body);
  }

  #post<T>(name: string, verb: string, body: object): Promise<T> {
    return this.#ways.json('POST', connectorPath(name, verb), { body });
  }
}
