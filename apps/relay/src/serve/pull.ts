/**
 * `POST /opp/v1/pull`: one page of one chain as an OTLP logs request; waits when there is nothing.
 * The payload is plain OTLP, so any OTLP tool can read a page (pull.md).
 */
import type { ServerResponse } from 'node:http';

import { RelayError } from '../error.ts';
import type { SpoolChain } from '../spool/chain.ts';
import { logsRequest } from '../spool/log-record.ts';
import { Evicted, type PageLimits, type PageRecord, readPage } from '../spool/page.ts';
import type { Spool } from '../spool/spool.ts';
import type { Bell } from './bell.ts';
import { ANY_CHAIN, type PullRequest } from './request.ts';
import type { Served } from './server.ts';

interface Page {
  chain: SpoolChain;
  records: PageRecord[];
}

export class Puller {
  readonly #spool: Spool;
  readonly #bell: Bell;
  /** Slot of the chain a pull on any chain had last: the next one begins behind it. */
  #turn = 0;

  readonly #settle: () => Promise<void>;

  /** `settle` makes durable, and thereby readable, what was answered before. */
  constructor({ spool, bell, custody }: Pick<Served, 'spool' | 'bell' | 'custody'>) {
    this.#spool = spool;
    this.#bell = bell;
    this.#settle = () => custody.settle();
  }

  /** Throws CHAIN_UNKNOWN, EVICTED or SPOOL_UNREADABLE. */
  async answer(request: PullRequest, response: ServerResponse): Promise<void> {
    const until = performance.now() + request.waitMs;
    let page = this.#next(request);
    if (page === undefined && request.waitMs === 0) {
      await this.#settle();
      page = this.#next(request);
    }
    for (;;) {
      const left = until - performance.now();
      if (page !== undefined || left <= 0 || this.#bell.closed || response.destroyed) break;
      await this.#bell.wait(left, response);
      page = this.#next(request);
    }
    if (response.destroyed) return;
    sendPage(response, page, page !== undefined && this.#hasMore(request, page));
  }

  #next({ chain: name, after, limits }: PullRequest): Page | undefined {
    let unreadable: unknown;
    for (const chain of this.#wanted(name)) {
      const position = after.get(chain.name) ?? chain.acked;
      if (position >= chain.next - 1) continue;
      try {
        const skip = name === ANY_CHAIN;
        const records = skip
          ? readBeyond(chain, position, limits)
          : readPage(chain, position, limits);
        if (records.length === 0) continue;
        chain.delivered = Math.max(chain.delivered, records.at(-1)!.seq);
        this.#turn = chain.slot;
        return { chain, records };
      } catch (error) {
        // One bad stretch of the disk must not keep the other chains from their puller.
        unreadable ??= error;
      }
    }
    if (unreadable !== undefined) throw unreadable;
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

/**
 * A puller that waits on all chains cannot step over a hole itself: it gets what is behind it,
 * which does not link, and that is what its log will say (LOG.md §2).
 */
function readBeyond(chain: SpoolChain, after: number, limits: PageLimits): PageRecord[] {
  try {
    return readPage(chain, after, limits);
  } catch (error) {
    if (!(error instanceof Evicted)) throw error;
    return error.lost.to < chain.next - 1 ? readPage(chain, error.lost.to, limits) : [];
  }
}

/** `opp-more: 1`: there is something to pull behind this page right now. Empty: no other header. */
function sendPage(response: ServerResponse, page: Page | undefined, more: boolean): void {
  const records = page?.records ?? [];
  const body = logsRequest(records.map(({ log }) => log));
  const headers: Record<string, string | number> = {
    'content-type': 'application/x-protobuf',
    'content-length': body.length,
    'opp-more': more ? 1 : 0,
  };
  if (page !== undefined) {
    headers['opp-chain'] = page.chain.name;
    headers['opp-first-seq'] = records[0]!.seq;
    headers['opp-last-seq'] = records.at(-1)!.seq;
  }
  response.writeHead(200, headers).end(body);
}
