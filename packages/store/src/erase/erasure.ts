/**
 * Takes parts out of the store so that their bytes leave its files: what the log has announced as
 * redacted or expired. Every method may be repeated; none looks for the record that announces it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ERASE_SECONDS_MAX } from '@vitrine/schema';
import type { Connection, Params } from '../client/connection.ts';
import { StoreError } from '../error.ts';
import {
  type Announced,
  type AnnouncedQuery,
  announced,
  type CommittedPart,
  committedParts,
  EVERY_PART,
  leavesAtPlaces,
  placeKey,
} from './announced.ts';

/** Leaves in one partition of the table `parts` (migrations/0001-evidence.sql). */
const PARTITION_LEAVES = 262_144;
/** Indices in one statement: the engine takes 128 kB for a parameter. */
const INDICES_MAX = 5_000;
const POLL_MS_FIRST = 5;
const POLL_MS_MAX = 250;
const PARTITION = '({log:String}, {partition:UInt64})';

export class Erasure {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** What `redact` and `expire` records below the published `size` announce, by index. */
  announced(log: string, size: number, query: AnnouncedQuery = {}): Promise<Announced[]> {
    return announced(this.#connection, log, size, query);
  }

  /**
   * Deletes what is announced. Resolves when no file of the engine holds it any more. Throws
   * ERASE_FAILED, or as a read does; then some of it may still be there.
   */
  async erase(log: string, size: number, list: readonly Announced[]): Promise<void> {
    // A try that failed has left its deletions to the engine: another would only add to them.
    await this.#deletionsDone(deadlineOf());
    const redacts = list.filter((one) => one.kind === 'redact');
    const leaves = await leavesAtPlaces(this.#connection, log, size, redacts);
    const byPart = Map.groupBy(redacts, ({ part }) => part);
    for (const [part, some] of byPart) {
      const indices = some.map((place) => leaves.get(placeKey(place)));
      await this.#redact(
        log,
        part,
        indices.filter((idx) => idx !== undefined),
      );
    }
    for (const [part, below] of furthest(list)) await this.#expire(log, part, below);
    await this.#settle();
  }

  /** Parts that the records of a session commit to, by index; `part` may be `*`. */
  committed(
    log: string,
    size: number,
    query: { session: string; part: string; limit: number },
  ): Promise<CommittedPart[]> {
    return committedParts(this.#connection, log, size, query);
  }

  /** Whether a part below `below` is stored; `part` may be `*`. */
  async standsBelow(log: string, part: string, below: number): Promise<boolean> {
    const rows = await this.#connection.rows(
      `SELECT 1 FROM parts WHERE ${belowCondition(part)} LIMIT 1`,
      { log, below, part },
    );
    return rows.length > 0;
  }

  async #redact(log: string, part: string, indices: number[]): Promise<void> {
    for (let at = 0; at < indices.length; at += INDICES_MAX) {
      const wanted = indices.slice(at, at + INDICES_MAX);
      const condition =
        'log = {log:String} AND name = {part:String} AND idx IN {indices:Array(UInt64)}';
      const rows = await this.#connection.rows<{ idx: string }>(
        `SELECT DISTINCT idx FROM parts WHERE ${condition}`,
        { log, part, indices: wanted },
      );
      const standing = rows.map(({ idx }) => Number(idx));
      for (const [partition, some] of Map.groupBy(standing, partitionOf)) {
        await this.#delete(condition, { log, part, partition, indices: some });
      }
    }
  }

  async #expire(log: string, part: string, below: number): Promise<void> {
    const condition = belowCondition(part);
    const rows = await this.#connection.rows<{ partition: string }>(
      `SELECT DISTINCT intDiv(idx, ${PARTITION_LEAVES}) AS partition FROM parts
       WHERE ${condition} ORDER BY partition`,
      { log, part, below },
    );
    for (const { partition: text } of rows) {
      const partition = Number(text);
      const whole = part === EVERY_PART && (partition + 1) * PARTITION_LEAVES <= below;
      if (whole) {
        await this.#connection.command(`ALTER TABLE parts DROP PARTITION ${PARTITION}`, {
          log,
          partition,
        });
      } else await this.#delete(condition, { log, part, below, partition });
    }
  }

  /** Begins a deletion in one partition: the others are not touched. */
  #delete(condition: string, params: Params): Promise<void> {
    return this.#connection.command(
      `ALTER TABLE parts DELETE IN PARTITION ${PARTITION} WHERE ${condition}`,
      params,
      { mutations_sync: '0' },
    );
  }

  /** Waits for every deletion, then for the files it has replaced to be gone. */
  async #settle(): Promise<void> {
    const deadline = deadlineOf();
    await this.#deletionsDone(deadline);
    const replaced = new Set(await this.#inactive());
    await this.#until(deadline, async () => {
      if (replaced.size === 0) return true;
      // A partition that does not exist: the statement's side effect is the clean-up we need.
      await this.#connection.command("ALTER TABLE parts DROP PARTITION ID 'none'");
      const left = await this.#inactive();
      return !left.some((name) => replaced.has(name));
    });
  }

  #deletionsDone(deadline: number): Promise<void> {
    return this.#until(deadline, () => this.#mutationsDone());
  }

  async #mutationsDone(): Promise<boolean> {
    const rows = await this.#connection.rows<{ reason: string }>(
      `SELECT latest_fail_reason AS reason FROM system.mutations
       WHERE database = currentDatabase() AND table = 'parts' AND NOT is_done`,
      {},
    );
    const failed = rows.find(({ reason }) => reason !== '');
    if (failed !== undefined) throw eraseFailed(failed.reason);
    return rows.length === 0;
  }

  async #inactive(): Promise<string[]> {
    const rows = await this.#connection.rows<{ name: string }>(
      `SELECT name FROM system.parts
       WHERE database = currentDatabase() AND table = 'parts' AND NOT active`,
      {},
    );
    return rows.map(({ name }) => name);
  }

  async #until(deadline: number, done: () => Promise<boolean>): Promise<void> {
    for (let ms = POLL_MS_FIRST; !(await done()); ms = Math.min(POLL_MS_MAX, 2 * ms)) {
      if (performance.now() > deadline) {
        throw eraseFailed(`not finished after ${ERASE_SECONDS_MAX} s`);
      }
      await sleep(ms);
    }
  }
}

function deadlineOf(): number {
  return performance.now() + ERASE_SECONDS_MAX * 1_000;
}

/** Of each part name, the largest `below`. */
function furthest(list: readonly Announced[]): Map<string, number> {
  const furthest = new Map<string, number>();
  for (const one of list) {
    if (one.kind !== 'expire') continue;
    furthest.set(one.part, Math.max(one.below, furthest.get(one.part) ?? 0));
  }
  return furthest;
}

function belowCondition(part: string): string {
  const named = part === EVERY_PART ? '' : ' AND name = {part:String}';
  return `log = {log:String} AND idx < {below:UInt64}${named}`;
}

function partitionOf(idx: number): number {
  return Math.floor(idx / PARTITION_LEAVES);
}

function eraseFailed(reason: string): StoreError {
  const hint = 'it is tried again; see the disk of the store, and queries that run for long';
  return new StoreError('ERASE_FAILED', `parts could not be deleted: ${reason}`, hint);
}
