/**
 * What senders put into the queue of the model: events of all kinds, each with a number of its own.
 */

import { ZERO_HASH } from '@vitrine/chain';
import { openEntry, RelayChain } from '../../apps/collector/src/fixture/log.ts';
import type { Entry, PageEntry } from '../../apps/collector/src/queue/entry.ts';
import type { Chance } from '../acceptance/path/chance.ts';
import { START_NS } from './writer.ts';

const SESSIONS = ['a', 'b'];

interface Relay {
  chain: RelayChain;
  last: PageEntry | undefined;
  /** Where the chain stood before the last page. */
  before: { seq: number; head: Buffer };
}

/** Pages that say something else than the log at a place that it has already. */
const forged = new WeakSet<Entry>();

export class Entries {
  readonly #chance: Chance;
  readonly #relays = new Map<string, Relay>();
  #serial = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  next(): Entry {
    const session = SESSIONS[this.#chance.between(0, SESSIONS.length)]!;
    const relay = this.#relays.get(session);
    const dice = this.#chance.fraction();
    if (relay === undefined) {
      const lives = this.#serial++;
      const chain = new RelayChain(session, 'agent', String(lives).padStart(16, '0'));
      this.#relays.set(session, { chain, last: undefined, before: { seq: -1, head: ZERO_HASH } });
      return openEntry(session);
    }
    if (dice < 0.5) return this.#page(relay);
    // The answer to a page was lost: it comes again.
    if (dice < 0.6 && relay.last !== undefined) return relay.last;
    if (dice < 0.7 && relay.last !== undefined) return this.#forge(relay.last, relay);
    return this.#own();
  }

  /** Other bytes at the place of the last page's first record. */
  #forge(last: PageEntry, { chain, before }: Relay): PageEntry {
    const boot = chain.shim.slice(0, chain.shim.indexOf('.'));
    const twin = Object.assign(new RelayChain(chain.session, chain.vantage, boot), before);
    const page = { ...last, records: twin.page(twin.next('x', { n: this.#serial++ })).records };
    forged.add(page);
    return page;
  }

  #page(relay: Relay): PageEntry {
    const count = this.#chance.between(1, 4);
    const { chain } = relay;
    relay.before = { seq: chain.seq, head: chain.head };
    const records = Array.from({ length: count }, () => chain.next('x', { n: this.#serial++ }));
    relay.last = chain.page(...records);
    for (const { parts } of relay.last.records) {
      parts.push({ name: 'p', salt: Buffer.alloc(16), data: Buffer.from('d') });
    }
    return relay.last;
  }

  #own(): Entry {
    const fields = { n: this.#serial++ };
    const observed = String(START_NS);
    return { kind: 'own', chain: 'audit', record: 'config', observed, fields };
  }
}

/** It has to become a `conflict`, and nothing else. */
export function isForged(entry: Entry): boolean {
  return forged.has(entry);
}

/** The numbers of the events in an entry. */
export function numbersIn(entry: Entry): number[] {
  if (entry.kind === 'own') return [Number(entry.fields.n)];
  if (entry.kind !== 'page' || forged.has(entry)) return [];
  return entry.records.map(({ bytes }) => Number(JSON.parse(bytes.toString()).n));
}
