/** What a start reads back of the model's tables: the same questions the real store is asked. */
import type { CheckpointRow, RecordRow, Store, SupervisionRow, TipRow } from '@vitrine/store';
import type { ModelTables } from './tables.ts';

type Reads = Pick<
  Store,
  | 'alertIds'
  | 'alertIdsBetween'
  | 'closedLives'
  | 'daySeal'
  | 'firstSeal'
  | 'lastCheckpoint'
  | 'leaves'
  | 'newestDaySeal'
  | 'openSessions'
  | 'record'
  | 'sizeBefore'
  | 'supervision'
  | 'supervisionBetween'
  | 'tile'
  | 'tiles'
  | 'tips'
  | 'tipsBetween'
>;

interface SealRow {
  idx: number;
  record: string;
}

export class ModelReads implements Reads {
  readonly #tables: ModelTables;

  constructor(tables: ModelTables) {
    this.#tables = tables;
  }

  async lastCheckpoint(): Promise<CheckpointRow | undefined> {
    return this.#tables.rows.checkpoints.toSorted((a, b) => a.size - b.size).at(-1);
  }

  async tile(_log: string, level: number, n: number): Promise<Buffer | undefined> {
    return this.#tables.rows.tiles.find((row) => row.level === level && row.n === n)?.hashes;
  }

  async tiles(log: string, level: number, first: number, end: number): Promise<Buffer[]> {
    const numbers = Array.from({ length: end - first }, (_, i) => first + i);
    const found = await Promise.all(numbers.map((n) => this.tile(log, level, n)));
    return found.map((hashes) => hashes!);
  }

  async leaves(_log: string, first: number, end: number): Promise<Buffer[]> {
    const found = this.#below(end).filter(({ idx }) => idx >= first);
    if (found.length !== end - first) throw new Error(`leaves of [${first}, ${end}) are missing`);
    return found.map(({ leaf }) => leaf);
  }

  async record(_log: string, size: number, idx: number): Promise<RecordRow | undefined> {
    return this.#below(size).find((row) => row.idx === idx);
  }

  async openSessions(_log: string, size: number): Promise<string[]> {
    const rows = this.#supervisionBelow(size);
    const closed = new Set(rows.filter((r) => r.kind === 'close').map((r) => r.session));
    const opened = rows.filter((r) => r.kind === 'open').map((r) => r.session);
    return [...new Set(opened)].filter((session) => !closed.has(session)).sort();
  }

  async supervision(_log: string, size: number, names: string[]): Promise<SupervisionRow[]> {
    const rows = this.#supervisionBelow(size).filter(({ session }) => names.includes(session));
    return rows.toSorted((a, b) => a.seq - b.seq);
  }

  async tips(_log: string, size: number, names: string[]): Promise<TipRow[]> {
    const chains = Map.groupBy(
      this.#below(size).filter(({ session, seq }) => names.includes(session) && seq !== null),
      ({ session, shim }) => `${session}/${shim}`,
    );
    return [...chains.values()].map((rows) => {
      const { session, shim, seq, leaf } = rows.at(-1)!;
      const seen = rows.map(({ t, observed }) => BigInt(shim === 'sup' ? t : observed));
      const observed = String(seen.toSorted((a, b) => Number(a - b)).at(-1)!);
      return { session, shim, seq: seq!, leaf, observed };
    });
  }

  /** The records of a chain, in order. */
  chainBelow(size: number, session: string, shim: string): (RecordRow & { seq: number })[] {
    return this.#below(size).flatMap((row) => {
      const { seq } = row;
      return row.session === session && row.shim === shim && seq !== null ? [{ ...row, seq }] : [];
    });
  }

  async alertIds(): Promise<{ subject: string; id: string }[]> {
    return [];
  }

  async alertIdsBetween(): Promise<{ subject: string; id: string }[]> {
    return [];
  }

  async closedLives(_log: string, size: number): Promise<Map<string, number>> {
    const lives = new Map<string, number>();
    for (const { kind, session } of this.#supervisionBelow(size)) {
      const base = session.replace(/:\d+$/, '');
      if (kind === 'close') lives.set(base, (lives.get(base) ?? 0) + 1);
    }
    return lives;
  }

  async daySeal(
    _log: string,
    size: number,
    day: string,
    endNs: bigint,
  ): Promise<SealRow | undefined> {
    return this.#seals(size).find(
      ({ t, record }) => BigInt(t) >= endNs && record.includes(`"day":"${day}"`),
    );
  }

  async newestDaySeal(_log: string, size: number): Promise<SealRow | undefined> {
    return this.#seals(size).findLast(({ record }) => record.includes('"days":{'));
  }

  async firstSeal(_log: string, size: number): Promise<SealRow | undefined> {
    return this.#seals(size)[0];
  }

  async sizeBefore(_log: string, size: number, tNs: bigint): Promise<number> {
    const seal = this.#seals(size).findLast(({ t }) => BigInt(t) < tNs);
    return seal === undefined ? 0 : seal.idx + 1;
  }

  async supervisionBetween(_log: string, first: number, end: number): Promise<SupervisionRow[]> {
    return this.#supervisionBelow(end).filter(({ idx }) => idx >= first);
  }

  async tipsBetween(log: string, first: number, end: number): Promise<TipRow[]> {
    const rows = this.#below(end).filter(({ idx }) => idx >= first);
    const names = [...new Set(rows.map(({ session }) => session))];
    const within = new ModelReads({ rows: { records: rows } } as unknown as ModelTables);
    return within.tips(log, end, names);
  }

  /** One row for each index, as readers see them. */
  #below(size: number): RecordRow[] {
    const rows = new Map<number, RecordRow>();
    for (const row of this.#tables.rows.records) if (row.idx < size) rows.set(row.idx, row);
    return [...rows.values()].toSorted((a, b) => a.idx - b.idx);
  }

  #supervisionBelow(size: number): SupervisionRow[] {
    const rows = new Map<number, SupervisionRow>();
    for (const row of this.#tables.rows.supervision) if (row.idx < size) rows.set(row.idx, row);
    return [...rows.values()].toSorted((a, b) => a.idx - b.idx);
  }

  #seals(size: number): RecordRow[] {
    return this.#below(size).filter(({ session, shim }) => session === 'log' && shim === 'seal');
  }
}
