/**
 * A log, its writers and its senders, under a schedule made by chance: kills after each durable
 * step, answers that are lost, inserts that arrive late, and writers that sleep while another one
 * takes over. What must always hold is looked at whenever something is published.
 */

import type { Store } from '@vitrine/store';
import { CollectorError } from '../../apps/collector/src/error.ts';
import { KEY } from '../../apps/collector/src/fixture/log.ts';
import type { Entry } from '../../apps/collector/src/queue/entry.ts';
import type { IntentKind } from '../../apps/collector/src/sequence/intent-files.ts';
import { IntentStore } from '../../apps/collector/src/sequence/intents.ts';
import { Chance } from '../acceptance/path/chance.ts';
import { Entries } from './entries.ts';
import { ModelFiles } from './files.ts';
import { Published } from './published.ts';
import { ModelStore, StoreAway } from './store.ts';
import { ModelTables } from './tables.ts';
import { Killed, Turns } from './turns.ts';
import { runWriter, START_NS, STEPS, type WriterSteps } from './writer.ts';

export interface WorldOptions {
  seed: number;
  /** Writers that sleep while others go on, and wake up late. */
  zombies: boolean;
  /** How long the schedule is. */
  actions?: number;
  steps?: WriterSteps;
  /** Off: a store of intents that lets a second writer win. */
  createOnly?: boolean;
}

const ACTIONS = 45;
const ENTRIES_MAX = 14;
const WRITERS_MAX = 3;
const NS_PER_S = 1_000_000_000n;
const DAY_NS = 86_400n * NS_PER_S;
/** What a start of nothing but good luck takes at most. */
const FINISH_TURNS_MAX = 2_000;

export class World {
  readonly tables = new ModelTables();
  readonly queue: Entry[] = [];
  readonly published: Published;
  kills = 0;
  readonly #files = new ModelFiles();
  readonly #chance: Chance;
  readonly #options: WorldOptions;
  readonly #entries: Entries;
  /** The newest is the last; the others sleep, or have heard of nothing yet. */
  #writers: Turns[] = [];
  #nowNs = START_NS;
  /** Nothing goes wrong any more. */
  #calm = false;
  #killNext = false;
  /** What does not hold, from where it was seen. */
  #violation: unknown;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#chance = new Chance(seedOf(options.seed));
    this.#entries = new Entries(this.#chance);
    this.published = new Published(this.tables, this.queue);
  }

  /** Throws where something does not hold. */
  async run(): Promise<void> {
    for (let i = 0; i < (this.#options.actions ?? ACTIONS); i++) await this.#act();
    await this.#finish();
  }

  async #act(): Promise<void> {
    const dice = this.#chance.fraction();
    if (dice < 0.2 && this.queue.length < ENTRIES_MAX) this.queue.push(this.#entries.next());
    else if (dice < 0.24) await this.#kill();
    else if (dice < 0.28 && this.#options.zombies) this.#begin();
    else if (dice < 0.32) this.tables.arriveLate(this.#chance);
    else await this.#advance();
  }

  async #kill(): Promise<void> {
    const victim = this.#pick();
    if (victim === undefined) return;
    this.kills++;
    await victim.kill();
    this.#bury();
  }

  async #advance(): Promise<void> {
    if (this.#writers.length === 0) this.#begin();
    this.#killNext = !this.#calm && this.#chance.fraction() < 0.06;
    await this.#pick()!.advance();
    this.#killNext = false;
    this.#bury();
  }

  /** Mostly the newest one: the others are asleep. */
  #pick(): Turns | undefined {
    const asleep = this.#writers.length > 1 && this.#chance.fraction() < 0.1;
    return asleep
      ? this.#writers[this.#chance.between(0, this.#writers.length)]
      : this.#writers.at(-1);
  }

  #begin(): void {
    if (this.#writers.length >= WRITERS_MAX) return;
    const { steps = STEPS, createOnly = true } = this.#options;
    const chance = this.#chance;
    const files = this.#files.for((kind, content) => {
      this.#durable(turns, kind, content);
    }, createOnly);
    const turns: Turns = new Turns(chance, async () => {
      const gate = (): Promise<void> => turns.gate();
      const faults = (): number => (this.#calm ? 0 : 0.12);
      const store = new ModelStore({ tables: this.tables, chance, faults, gate });
      const target = {
        tenant: 'default',
        origin: KEY.origin,
        key: KEY,
        store: store as unknown as Store,
        intents: new IntentStore(files),
      };
      const take = (): number => chance.between(0, 4);
      const nowNs = (): bigint => this.#now();
      const early = (): boolean => chance.fraction() < 0.2;
      const dead = (): boolean => turns.dead;
      await runWriter({ target, queue: this.queue, nowNs, take, early, gate, dead, steps });
    });
    this.#writers.push(turns);
  }

  /** Looked at, and then perhaps the last thing that its writer has done. */
  #durable(turns: Turns, kind: IntentKind, content: string | Buffer | undefined): void {
    try {
      if (kind === 'note' && content !== undefined) this.published.note(String(content));
    } catch (error) {
      this.#violation ??= error;
      throw error;
    }
    if (!this.#killNext || this.#chance.fraction() < 0.5) return;
    this.#killNext = false;
    this.kills++;
    turns.die();
    throw new Killed();
  }

  #now(): bigint {
    const dice = this.#chance.fraction();
    if (dice < 0.03) this.#nowNs += DAY_NS;
    else if (dice < 0.06) this.#nowNs -= 5n * NS_PER_S;
    else this.#nowNs += NS_PER_S / 10n;
    return this.#nowNs;
  }

  #bury(): void {
    if (this.#violation !== undefined) throw this.#violation;
    for (const { ended, failure } of this.#writers) {
      // A start that does not reach the store ends; the next one finds what it has left.
      if (!ended || failure === undefined || failure instanceof StoreAway) continue;
      if (!this.#options.zombies || this.#calm || !isRefusal(failure)) throw failure;
    }
    this.#writers = this.#writers.filter(({ ended }) => !ended);
  }

  /** A last start without faults finishes what was decided and takes what waits. */
  async #finish(): Promise<void> {
    this.#calm = true;
    for (const turns of this.#writers) await turns.kill();
    this.#writers = [];
    this.#begin();
    const writer = this.#writers[0]!;
    for (let i = 0; this.published.consumed < this.queue.length; i++) {
      if (i === FINISH_TURNS_MAX) throw new Error('the log does not take what waits');
      await writer.advance();
      this.#bury();
    }
    await writer.kill();
    this.published.whole(this.#options.zombies);
  }
}

/** What a writer may die of while another one writes. */
function isRefusal(error: unknown): boolean {
  return error instanceof CollectorError && ['WRITER_SUPERSEDED', 'LOG_AHEAD'].includes(error.code);
}

function seedOf(seed: number): number {
  // Seeds that follow each other would begin alike.
  return Math.imul(seed + 1, 0x9e3779b1);
}
