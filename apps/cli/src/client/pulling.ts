/** The consumer API: pages as they come, their cursors, and consumers that the system keeps. */
import type { PullStream } from '@vitrine/schema/api';
import { CliError } from '../error.ts';
import type { ApiRequest } from './client.ts';

/** What is asked of a stream; the system refuses what the stream does not have. */
export interface PullQuery {
  format?: string | undefined;
  parts?: string | undefined;
  from?: string | undefined;
  since?: string | undefined;
  kind?: string | undefined;
  severity_gte?: string | undefined;
  session?: string | undefined;
  sandbox?: string | undefined;
  q?: string | undefined;
}

export interface PulledPage {
  body: Buffer;
  /** Where the next page begins. */
  cursor: string;
  hasMore: boolean;
}

type Send = (method: string, path: string, request: ApiRequest) => Promise<Response>;

interface Wait {
  waitSeconds: number;
  signal: AbortSignal;
}

export class Pulling {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /** A page of a stream behind `cursor`, or from where the query says. */
  page(
    stream: PullStream,
    { from, since, ...query }: PullQuery,
    cursor: string | undefined,
    wait: Wait,
  ): Promise<PulledPage> {
    const start = cursor === undefined ? { from, since } : { cursor };
    return this.#page(`/v1/pull/${stream}`, { ...query, ...start }, wait);
  }

  /** Makes the consumer where it is not there yet. */
  async makeConsumer(name: string, stream: PullStream, query: PullQuery): Promise<void> {
    const { format, parts, from, since, ...filter } = query;
    const body = { stream, filter, format, parts, from, since };
    await this.#send('PUT', consumerPath(name), { body });
  }

  consumerPage(name: string, wait: Wait): Promise<PulledPage> {
    return this.#page(`${consumerPath(name)}/pull`, {}, wait);
  }

  /** Everything before the cursor was taken. */
  async ack(name: string, cursor: string): Promise<void> {
    await this.#send('POST', `${consumerPath(name)}/ack`, { body: { cursor } });
  }

  async #page(path: string, query: object, { waitSeconds, signal }: Wait): Promise<PulledPage> {
    const asked = { ...query, wait: waitSeconds === 0 ? undefined : waitSeconds };
    const response = await this.#send('GET', path, { query: asked, signal });
    const cursor = response.headers.get('x-next-cursor');
    const length = Number(response.headers.get('content-length'));
    let body = Buffer.alloc(0);
    try {
      body = Buffer.from(await response.arrayBuffer());
    } catch {
      // Said below: a page that breaks off is none.
    }
    if (cursor === null || body.length !== length) {
      const message = `the answer of ${path} is no page, or broke off`;
      throw new CliError('API_UNREACHABLE', message, 'ask again: nothing of it was taken');
    }
    return { body, cursor, hasMore: response.headers.get('x-has-more') === 'true' };
  }
}

function consumerPath(name: string): string {
  return `/v1/consumers/${encodeURIComponent(name)}`;
}
