/**
 * The puller's side of OPP/1 for one relay. Bounds every answer: a relay inside a sandbox may be
 * hostile.
 */
import { type IncomingHttpHeaders, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import {
  OPP_LEASE_MS_MAX,
  OPP_REQUEST_MS_MAX,
  PULL_PAGE_BYTES_MAX,
  PULL_PAGE_RECORDS_MAX,
  PULL_WAIT_MS_MAX,
} from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import { AnswerRoom, type Release, readAnswer } from './answers.ts';
import { type Dialled, dial, type PullTls } from './dial.ts';
import type { RelayAddress } from './registration.ts';

export interface PulledPage {
  /** Empty when nothing came within the wait. */
  chain: string;
  /** The seq of its last record as the relay says it, −1 where it does not. */
  last: number;
  body: Buffer;
  /** Gives back the memory that the page takes, when it is done with; may be called again. */
  release: Release;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  release: Release;
}

export interface OppOptions {
  relay: RelayAddress;
  tls: PullTls | undefined;
  /** Name of this collector: another one is kept from pulling at the same time. */
  puller: string;
  /** What pages of all relays share. */
  room?: AnswerRoom | undefined;
}

export class OppClient {
  readonly #puller: string;
  readonly #dialled: Dialled;
  readonly #room: AnswerRoom;
  /** `undefined`: to be asked for; empty: this relay knows no leases. */
  #lease: string | undefined;

  /** Throws SANDBOX_INVALID. */
  constructor({ relay, tls, puller, room = new AnswerRoom() }: OppOptions) {
    this.#puller = puller;
    this.#room = room;
    this.#dialled = dial(relay, tls);
  }

  /** Who answered last, as far as the connection says it. */
  get peer(): string {
    return this.#dialled.peer();
  }

  /** The next page of any chain behind `after`; waits for one. */
  pull(
    after: Record<string, number>,
    signal: AbortSignal,
    bytesMax = PULL_PAGE_BYTES_MAX,
  ): Promise<PulledPage> {
    const asked = { chain: '*', after, wait_ms: PULL_WAIT_MS_MAX, max_bytes: bytesMax };
    return this.#page(asked, signal);
  }

  /** The page of one chain behind `seq`, at once. */
  pullAgain(chain: string, seq: number, signal: AbortSignal): Promise<PulledPage> {
    return this.#page({ chain, after_seq: seq, wait_ms: 0 }, signal);
  }

  async #page(asked: object, signal: AbortSignal): Promise<PulledPage> {
    const limits = { max_bytes: PULL_PAGE_BYTES_MAX, max_records: PULL_PAGE_RECORDS_MAX };
    const deadlineMs = PULL_WAIT_MS_MAX + OPP_REQUEST_MS_MAX;
    const body = { ...limits, ...asked };
    this.#lease ??= await this.#takeLease();
    const answer = await this.#send('POST', PULL, body, deadlineMs, signal);
    const { headers, body: page, release } = answer;
    const { 'opp-chain': chain = '', 'opp-last-seq': last = '' } = headers;
    const said = SEQ.test(String(last)) ? Number(last) : -1;
    return { chain: String(chain), last: said, body: page, release };
  }

  /** A relay that knows no leases is pulled without: whoever reaches it may pull it. */
  async #takeLease(): Promise<string> {
    const body = { puller: this.#puller, ttl_ms: OPP_LEASE_MS_MAX };
    try {
      const answer = await this.#send('POST', '/opp/v1/lease', body, OPP_REQUEST_MS_MAX);
      const { lease } = jsonOf(answer);
      if (typeof lease === 'string' && LEASE.test(lease)) return lease;
    } catch (error) {
      if (error instanceof RelayRefused && error.status === NOT_FOUND) return '';
      throw error;
    }
    throw new CollectorError('RELAY_INVALID', 'the relay answered no lease');
  }

  async ack(chain: string, seq: number): Promise<void> {
    await this.#send('POST', '/opp/v1/ack', { chain, seq }, OPP_REQUEST_MS_MAX);
  }

  /** Closes the intake; the answer is the last `seq` of each chain the relay still has. */
  async drain(): Promise<Map<string, number>> {
    const answer = await this.#askToDrain().catch((error: unknown) => {
      // A relay that began anew does not know the lease of before: it takes another one.
      if (!(error instanceof RelayRefused) || this.#lease !== undefined) throw error;
      return this.#askToDrain();
    });
    const { chains } = jsonOf(answer);
    if (!Array.isArray(chains) || !chains.every(isFinalChain)) {
      throw new CollectorError('RELAY_INVALID', 'the relay does not say how its chains end');
    }
    return new Map(chains.map(({ chain, seq }) => [chain, seq]));
  }

  async #askToDrain(): Promise<Answer> {
    this.#lease ??= await this.#takeLease();
    return this.#send('POST', '/opp/v1/drain', {}, OPP_REQUEST_MS_MAX);
  }

  close(): void {
    this.#dialled.agent.destroy();
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
      const until = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
      const { agent, options, secure } = this.#dialled;
      const outgoing = (secure ? secureRequest : request)({
        ...options,
        agent,
        method,
        path,
        headers: this.#headers(body),
        signal: until,
      });
      outgoing.on('error', fail);
      outgoing.on('response', (incoming) => {
        const asked = { isPage: path === PULL, room: this.#room, signal: until };
        readAnswer(incoming, asked).then((read) => {
          const answer = { status: incoming.statusCode ?? 0, headers: incoming.headers, ...read };
          if (answer.status >= 200 && answer.status < 300) return resolve(answer);
          read.release();
          reject(this.#refused(path, answer));
        }, fail);
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  #headers(body: object | undefined): Record<string, string> {
    const lease = this.#lease ? { 'opp-lease': this.#lease } : {};
    return body === undefined ? lease : { ...lease, 'content-type': 'application/json' };
  }

  #refused(path: string, answer: Answer): RelayRefused {
    if (LEASE_GONE.includes(answer.status)) this.#lease = undefined;
    return new RelayRefused(path, answer);
  }
}

function isFinalChain(value: unknown): value is { chain: string; seq: number } {
  if (typeof value !== 'object' || value === null) return false;
  const { chain, seq } = value as { chain?: unknown; seq?: unknown };
  return typeof chain === 'string' && Number.isSafeInteger(seq);
}

function jsonOf({ body }: Answer): { [name: string]: unknown } {
  try {
    return Object(JSON.parse(body.toString('utf8')));
  } catch (cause) {
    throw new CollectorError('RELAY_INVALID', 'the relay answered no JSON', '', { cause });
  }
}

class RelayRefused extends CollectorError {
  readonly status: number;

  constructor(path: string, { status, body }: Answer) {
    const shown = body.toString('utf8', 0, 200);
    super('RELAY_REFUSED', `${path}: the relay answered ${status} ${shown}`);
    this.status = status;
  }
}

/** The relay lives and may be asked again: then with another lease. */
export function isLeaseGone(error: unknown): boolean {
  return error instanceof RelayRefused && LEASE_GONE.includes(error.status);
}

const PULL = '/opp/v1/pull';
const SEQ = /^(0|[1-9][0-9]{0,14})$/;
const LEASE = /^[0-9a-f]{1,128}$/;
const NOT_FOUND = 404;
/** 423: another puller has it; 409 `lease_unknown`: it ran out, or the relay began anew. */
const LEASE_GONE = [409, 423];
