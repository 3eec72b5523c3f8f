/**
 * Pulls one relay until its session ends: one page in flight, acknowledged once it is durable in
 * the queue (pull.md). Owns where each chain of the relay stands; never trusts the relay about
 * it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DRAIN_MS_MAX,
  OPP_RETRY_MS_FIRST,
  OPP_RETRY_MS_MAX,
  PULL_PAGE_BYTES_MAX,
  PULL_PAGE_BYTES_SHARED,
} from '@vitrine/schema';
import type { SandboxItem } from '@vitrine/schema/api';
import type { Entry } from '../queue/entry.ts';
import type { Journal } from '../queue/journal.ts';
import type { Clock } from '../sequence/sequencer.ts';
import type { AnswerRoom } from './answers.ts';
import { type ChainsOptions, FollowedChains } from './chains.ts';
import type { PullTls } from './dial.ts';
import type { Followed } from './followed.ts';
import { isLeaseGone, OppClient, type PulledPage } from './opp.ts';
import { type ChainTip, followPage, type PageRecord, readPage } from './page.ts';
import { type Heard, hear, type Succession } from './succession.ts';
import { untilTaken } from './until-taken.ts';

export interface PullerOptions extends ChainsOptions {
  journal: Journal;
  clock: Clock;
  /** What an earlier run of the collector has heard; `keep` makes it durable before an ack. */
  heard?: Heard | undefined;
  keep?: (heard: Heard) => void;
  /** Nobody else is pulled: pages may be as large as there are. */
  isAlone?: () => boolean;
  /** Certificates for relays over TLS. */
  tls?: PullTls | undefined;
  /** Name of this collector. */
  puller: string;
  /** Memory for pages that all pullers share. */
  room?: AnswerRoom;
  log: (line: string) => void;
}

/** What `GET /v1/sandboxes` shows of a puller. */
type PullerStatus = Pick<SandboxItem, 'state' | 'chains' | 'pulled' | 'last_error'>;

export class Puller {
  readonly #options: PullerOptions;
  readonly #client: OppClient;
  readonly #chains: FollowedChains;
  readonly #heard: Heard;
  readonly #stop = new AbortController();
  /** What ends the waiting of the moment: the stop, or the deadline of a drain. */
  #until: AbortSignal = this.#stop.signal;
  #state: PullerStatus['state'] = 'connecting';
  #pulled = 0;
  #lastError: string | null = null;
  /** A chain was broken or cut short. */
  #lost = false;
  #done: Promise<void> | undefined;

  constructor(options: PullerOptions) {
    this.#options = options;
    const { relay, tls, puller, room, heard = { successions: [], byes: [] } } = options;
    this.#client = new OppClient({ relay, tls, puller, room });
    this.#heard = heard;
    this.#chains = new FollowedChains(options);
  }

  start(): void {
    this.#done = this.#run();
  }

  /** Stops without a word in the log: the collector restarts, the sandbox lives on. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    this.#client.close();
  }

  get status(): PullerStatus {
    const chains = this.#chains.all.map(([chain, { tip, state }]) => {
      return { chain, seq: tip.seq, state };
    });
    return { state: this.#state, chains, pulled: this.#pulled, last_error: this.#lastError };
  }

  /**
   * The sandbox is gone, or going: closes the relay's intake, pulls what is left, and says how each
   * chain ended. At most `DRAIN_MS_MAX`; `true` when every chain was taken to its end. May be
   * called again when it throws.
   */
  async drain(): Promise<boolean> {
    this.#stop.abort();
    await this.#done;
    this.#state = 'draining';
    this.#until = AbortSignal.timeout(DRAIN_MS_MAX);
    const final = await this.#takeRest();
    const reason = final === null ? 'the relay is gone' : 'it could not be taken in time';
    for (const [chain, { tip }] of this.#chains.all) {
      const whole = tip.seq === final?.get(chain);
      await this.#end(chain, whole ? 'closed' : 'lost', whole ? 'bye' : reason);
    }
    this.#state = 'ended';
    this.#client.close();
    return final !== null && this.#drained(final) && !this.#lost;
  }

  /** How the relay's chains end, `null` if it never said; all of it is taken, if there was time. */
  async #takeRest(): Promise<Map<string, number> | null> {
    let final: Map<string, number> | null = null;
    while (!this.#until.aborted) {
      try {
        final = await this.#client.drain();
        while (!this.#until.aborted && !this.#drained(final)) {
          await this.#takePage(await this.#client.pull(this.#chains.after, this.#until));
        }
        return final;
      } catch (error) {
        this.#failed(error);
        // With another lease it goes on; a relay that began anew has to be closed once more.
        if (!isLeaseGone(error)) return final;
        await sleep(OPP_RETRY_MS_FIRST, undefined, { signal: this.#until }).catch(() => {});
      }
    }
    return final;
  }

  async #run(): Promise<void> {
    let retryMs = OPP_RETRY_MS_FIRST;
    while (!this.#stop.signal.aborted) {
      try {
        const { isAlone = () => true } = this.#options;
        const bytesMax = isAlone() ? PULL_PAGE_BYTES_MAX : PULL_PAGE_BYTES_SHARED;
        const page = await this.#client.pull(this.#chains.after, this.#stop.signal, bytesMax);
        this.#state = 'pulling';
        retryMs = OPP_RETRY_MS_FIRST;
        await this.#takePage(page);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#failed(error);
        this.#state = this.#state === 'connecting' ? 'connecting' : 'away';
        await sleep(retryMs, undefined, { signal: this.#stop.signal }).catch(() => {});
        retryMs = Math.min(OPP_RETRY_MS_MAX, retryMs * 2);
      }
    }
  }

  #failed(error: unknown): void {
    this.#lastError = error instanceof Error ? error.message : String(error);
  }

  async #takePage(page: PulledPage, use = () => this.#take(page)): Promise<void> {
    await use().finally(() => page.release());
  }

  async #take(page: PulledPage): Promise<void> {
    if (page.chain === '') return;
    const followed = this.#chains.follow(page.chain);
    const records = readPage(page.body);
    if (records.length === 0) return;
    if (followed.state !== 'open') return this.#keep(page, followed, records);
    const before = { ...followed.tip };
    await followed.ratchet.reach(before.seq + 1);
    const broken = followPage(page.chain, followed.tip, followed.ratchet, records);
    if (broken !== null) {
      Object.assign(followed.tip, before);
      if (followed.isDoubted) return this.#takeOrBreak(page.chain, followed, page);
      followed.isDoubted = true;
      // Before the next one is asked for: two of each relay might never find room.
      page.release();
      return this.#takeAgain(page.chain, followed);
    }
    await this.#append(page.chain, followed, records, before);
    for (const succession of this.#heard.successions) await this.#succeed(succession);
    await this.#client.ack(page.chain, followed.tip.seq);
  }

  /**
   * A page that does not link is pulled once more; then it is `broken` (LOG.md §2). Where nothing
   * comes that time, the next one that does not link breaks the chain.
   */
  async #takeAgain(chain: string, followed: Followed): Promise<void> {
    const page = await this.#client.pullAgain(chain, followed.tip.seq, this.#until);
    return this.#takePage(page, () => this.#takeOrBreak(chain, followed, page));
  }

  async #takeOrBreak(chain: string, followed: Followed, page: PulledPage): Promise<void> {
    const before = { ...followed.tip };
    const records = readPage(page.body);
    if (records.length === 0) return;
    await followed.ratchet.reach(before.seq + 1);
    const broken = followPage(chain, followed.tip, followed.ratchet, records);
    const good = broken === null ? records : records.slice(0, broken.good);
    if (good.length > 0) await this.#append(chain, followed, good, before);
    if (broken === null) return this.#client.ack(chain, followed.tip.seq);
    const { expected, came, reason } = broken;
    this.#options.log(`pull: ${chain} is broken after ${followed.tip.seq}: ${reason}`);
    const strays = records.slice(broken.good).map((record) => record.bytes);
    const origin = this.#origin(chain, followed);
    const entry = { ...origin, kind: 'broken' as const, expected, came, reason, strays };
    await this.#untilTaken(entry);
    followed.state = 'broken';
    this.#lost = true;
    return this.#ackBroken(page, followed, strays.length);
  }

  /** What comes after a break is kept, and never believed again. */
  async #keep(page: PulledPage, followed: Followed, records: PageRecord[]): Promise<void> {
    const kept = records.map(({ bytes }) => ({ bytes, parts: [] }));
    const origin = this.#origin(page.chain, followed);
    await this.#untilTaken({ ...origin, records: kept, stray: true as const });
    return this.#ackBroken(page, followed, records.length);
  }

  /** By the relay's own count, which is ahead of ours: or it would offer the same again. */
  async #ackBroken({ chain, last }: PulledPage, followed: Followed, count: number): Promise<void> {
    followed.tip.seq = Math.max(followed.tip.seq + count, last);
    await this.#client.ack(chain, followed.tip.seq);
  }

  /** Durable when it resolves; a page that was not kept is pulled again from `before`. */
  async #append(
    chain: string,
    followed: Followed,
    records: PageRecord[],
    before: ChainTip,
  ): Promise<void> {
    const kept = records.map(({ bytes, parts }) => ({ bytes, parts }));
    const entry = { ...this.#origin(chain, followed), records: kept };
    const bytes = records.map((record) => record.bytes);
    if (hear(this.#heard, chain, bytes, before.seq < 0)) this.#options.keep?.(this.#heard);
    try {
      await this.#untilTaken(entry);
    } catch (error) {
      Object.assign(followed.tip, before);
      throw error;
    }
    followed.isDoubted = false;
    this.#pulled += records.length;
  }

  #untilTaken(entry: Entry): Promise<void> {
    return untilTaken(this.#options.journal, entry, this.#until, (error) => this.#failed(error));
  }

  /** A chain whose successor names exactly its end is closed. Not yet, while more of it comes. */
  async #succeed({ chain, seq, head }: Succession): Promise<void> {
    const old = this.#chains.get(chain);
    if (old === undefined || old.state !== 'open' || old.tip.seq < seq) return;
    const whole = old.tip.seq === seq && old.tip.head.toString('base64') === head;
    // What the relay has not heard it would offer again; one that has let go of it is silent.
    if (whole) await this.#client.ack(chain, seq).catch(() => {});
    const saidBye = whole && this.#heard.byes.includes(chain);
    const reason = saidBye ? 'bye' : 'the relay began a new chain';
    await this.#end(chain, whole ? 'closed' : 'lost', reason);
  }

  async #end(chain: string, state: 'closed' | 'lost', reason: string): Promise<void> {
    const followed = this.#chains.get(chain);
    if (followed === undefined || followed.state !== 'open') return;
    const { session, clock, journal } = this.#options;
    const observed = String(clock.nowNs());
    await journal.append({ kind: 'end', session, chain, state, reason, observed });
    followed.state = 'ended';
    if (state === 'lost') this.#lost = true;
  }

  #drained(final: Map<string, number>): boolean {
    return [...final].every(([chain, seq]) => this.#chains.seqOf(chain) >= seq);
  }

  #origin(chain: string, followed: Followed) {
    const { session, clock } = this.#options;
    return {
      kind: 'page' as const,
      session,
      chain,
      vantage: followed.vantage,
      via: 'opp',
      peer: this.#client.peer,
      sandbox: session,
      observed: String(clock.nowNs()),
    };
  }
}
