/**
 * `POST /opp/v1/pull`: one page of one chain as an OTLP logs request; waits when there is nothing.
 * The payload is plain OTLP, so any OTLP tool can read a page (DESIGN §5).
 */
import type { ServerResponse } from 'node:http';

import { RelayError } from '../error.ts';
import type { SpoolChain } from '../spool/chain.ts';
import type { StoredRecord } from '../spool/frame.ts';
import { logsRequest } from '../spool/log-record.ts';
import { readPage } from '../spool/page.ts';
import type { Spool } from '../spool/spool.ts';
import type { Bell } from './bell.ts';
import { ANY_CHAIN, type PullRequest } from './request.ts';

interface Page {
  chain: SpoolChain;
  records: StoredRecord[];
}

export class Puller {
  readonly #spool: Spool;
  readonly #bell: Bell;
  /** Slot of the chain a pull on any chain had last: the next one begins behind it. */
  #turn = 0;

  constructor(spool: Spool, bell: Bell) {
    this.#spool = spool;
    this.#bell = bell;
  }

  /** Throws CHAIN_UNKNOWN, EVICTED or SPOOL_UNREADABLE. */
  async answer(request: PullRequest, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const until = performance.now() + request.waitMs;
    let page = this.#next(request);
    for (;;) {
      const left = until - performance.now();
      if (page !== undefined || left <= 0 || this.#bell.closed || gone.signal.aborted) break;
      await this.#bell.wait(left, gone.signal);
      page = this.#next(request);
    }
    if (gone.signal.aborted) return;
    const more = page !== undefined && this.#hasMore(request, page);
    sendPage(response, request.chain, page, more);
  }

  #next({ chain: name, after, limits }: PullRequest): Page | undefined {
    for (const chain of this.#wanted(name)) {
      const position = after.get(chain.name) ?? chain.acked;
      if (position >= chain.next - 1) continue;
      const records = readPage(chain, position, limits);
      if (records.length === 0) continue;
      chain.delivered = Math.max(chain.delivered, records.at(-1)!.seq);
      this.#turn = chain.slot;
      return { chain, records };
    }
    return undefined;
  }

  #wanted(name: string): SpoolChain[] {
    if (name === ANY_CHAIN) {
      const chains = this.#spool.chains.toSorted((a, b) => a.slot - b.slot);
      const next = chains.findIndex((chain) => chain.slot > this.#turn);
      return next < 0 ? chains : [...chains.slice(next), ...chains.slice(0, next)];
    }
    const chain = this.#spool.chain(name);
    if (chain === undefined) throw new RelayError('CHAIN_UNKNOWN', `there is no chain ${name}`);
    return [chain];
  }

  #hasMore({ chain: name, after }: PullRequest, { chain, records }: Page): boolean {
    if (chain.next - 1 > records.at(-1)!.seq) return true;
    if (name !== ANY_CHAIN) return false;
    return this.#spool.chains.some(
      (other) => other !== chain && (after.get(other.name) ?? other.acked) < other.next - 1,
    );
  }
}

/** `opp-more: 1`: there is something to pull behind this page right now. */
function sendPage(
  response: ServerResponse,
  asked: string,
  page: Page | undefined,
  more: boolean,
): void {
  const body = logsRequest((page?.records ?? []).map((record) => record.log));
  const headers: Record<string, string | number> = {
    'content-type': 'application/x-protobuf',
    'content-length': body.length,
    'opp-chain': page?.chain.name ?? asked,
    'opp-more': more ? 1 : 0,
  };
  if (page !== undefined) {
    headers['opp-first-seq'] = page.records[0]!.seq;
    headers['opp-last-seq'] = page.records.at(-1)!.seq;
  }
  response.writeHead(200, headers);
  response.end(body);
}
