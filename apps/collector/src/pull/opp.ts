/**
 * The puller's side of OPP/1: HTTP/1.1 over the Unix socket of one relay. Bounds every answer: a
 * relay inside a sandbox may be hostile.
 */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import {
  OPP_ANSWER_BYTES_MAX,
  OPP_REQUEST_MS_MAX,
  PULL_PAGE_BYTES_MAX,
  PULL_PAGE_RECORDS_MAX,
  PULL_WAIT_MS_MAX,
} from '@vitrine/schema';
import { CollectorError } from '../error.ts';

export interface PulledPage {
  /** Empty when nothing came within the wait. */
  chain: string;
  body: Buffer;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export class OppClient {
  readonly #socket: string;
  /** One connection: one page of a relay is in flight at a time (LOG.md §2). */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2 });

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** The next page of any chain behind `after`; waits for one. */
  pull(after: Record<string, number>, signal: AbortSignal): Promise<PulledPage> {
    return this.#page({ chain: '*', after, wait_ms: PULL_WAIT_MS_MAX }, signal);
  }

  /** The page of one chain behind `seq`, at once. */
  pullAgain(chain: string, seq: number, signal: AbortSignal): Promise<PulledPage> {
    return this.#page({ chain, after_seq: seq, wait_ms: 0 }, signal);
  }

  async #page(asked: object, signal: AbortSignal): Promise<PulledPage> {
    const limits = { max_bytes: PULL_PAGE_BYTES_MAX, max_records: PULL_PAGE_RECORDS_MAX };
    const deadlineMs = PULL_WAIT_MS_MAX + OPP_REQUEST_MS_MAX;
    const body = { ...asked, ...limits };
    const answer = await this.#send('POST', '/opp/v1/pull', body, deadlineMs, signal);
    return { chain: String(answer.headers['opp-chain'] ?? ''), body: answer.body };
  }

  async ack(chain: string, seq: number): Promise<void> {
    await this.#send('POST', '/opp/v1/ack', { chain, seq }, OPP_REQUEST_MS_MAX);
  }

  /** Closes the intake; the answer is the last `seq` of each chain the relay still has. */
  async drain(): Promise<Map<string, number>> {
    const answer = await this.#send('POST', '/opp/v1/drain', {}, OPP_REQUEST_MS_MAX);
    let value: { chains?: unknown } | null;
    try {
      value = JSON.parse(answer.body.toString('utf8'));
    } catch (cause) {
      throw new CollectorError('RELAY_INVALID', 'the relay answered no JSON', '', { cause });
    }
    const chains = value?.chains;
    if (!Array.isArray(chains) || !chains.every(isFinalChain)) {
      throw new CollectorError('RELAY_INVALID', 'the relay does not say how its chains end');
    }
    return new Map(chains.map(({ chain, seq }) => [chain, seq]));
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    method: string,
    path: string,
    body: object | undefined,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown): void => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        reject(new CollectorError('RELAY_AWAY', `${path}: ${reason}`, '', { cause }));
      };
      const timeout = AbortSignal.timeout(deadlineMs);
      const outgoing = request({
        socketPath: this.#socket,
        agent: this.#agent,
        method,
        path,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      outgoing.on('error', fail);
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        incoming.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > OPP_ANSWER_BYTES_MAX) incoming.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        incoming.on('error', fail);
        incoming.on('end', () => {
          const status = incoming.statusCode ?? 0;
          const answer = { status, headers: incoming.headers, body: Buffer.concat(chunks) };
          if (status >= 200 && status < 300) resolve(answer);
          else reject(refused(path, answer));
        });
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function isFinalChain(value: unknown): value is { chain: string; seq: number } {
  if (typeof value !== 'object' || value === null) return false;
  const { chain, seq } = value as { chain?: unknown; seq?: unknown };
  return typeof chain === 'string' && Number.isSafeInteger(seq);
}

function refused(path: string, answer: Answer): CollectorError {
  const shown = answer.body.toString('utf8', 0, 200);
  const message = `${path}: the relay answered ${answer.status} ${shown}`;
  return new CollectorError('RELAY_REFUSED', message);
}
