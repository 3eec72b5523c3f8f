/**
 * What senders put into the queue of the model: events of all kinds, each with a number of its own.
 */

import { openEntry, RelayChain } from '../../apps/collector/src/fixture/log.ts';
import type { Entry, PageEntry } from '../../apps/collector/src/queue/entry.ts';
import type { Chance } from '../acceptance/path/chance.ts';
import { START_NS } from './writer.ts';

const SESSIONS = ['a', 'b'];

export class Entries {
  readonly #chance: Chance;
  readonly #relays = new Map<string, { chain: RelayChain; last: PageEntry | undefined }>();
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
      this.#relays.set(session, { chain, last: undefined });
      return openEntry(session);
    }
    if (dice < 0.5) return this.#page(relay);
    // The answer to a page was lost: it comes again.
    if (dice < 0.6 && relay.last !== undefined) return relay.last;
    return this.#own();
  }

  #page(relay: { chain: RelayChain; last: PageEntry | undefined }): PageEntry {
    const count = this.#chance.between(1, 4);
    const { chain } = relay;
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

/** The numbers of the events in an entry. */
export function numbersIn(entry: Entry): number[] {
  if (entry.kind === 'own') return [Number(entry.fields.n)];
  if (entry.kind !== 'page') return [];
  return entry.records.map(({ bytes }) => Number(JSON.parse(bytes.toString()).n));
}
