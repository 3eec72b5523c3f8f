/**
 * The first pass of a check, made inside the engine: that every record's bytes are in the tree that
 * the newest note signs, none is missing or doubled, and every part fits its commitment or is
 * announced as gone. Derived columns, chains, seals and older checkpoints are left to `fsck`.
 */
import { CompactRange, parseTrust, TILE_WIDTH } from '@vitrine/chain';
import type { FsckProgress, FsckReport, MissingPart } from '@vitrine/schema/api';
import { announcements, Coverage } from '../erase/coverage.ts';
import { halved } from '../query/halved.ts';
import type { Store } from '../store.ts';
import type { PartsAnswer, TileSum, WrongPart } from './fast-reader.ts';
import type { FsckInput } from './fsck.ts';
import { Findings, MISSING_LISTED_MAX } from './report.ts';
import { trustedNote } from './signature.ts';

/** Leaves of one question, which the engine holds with their records. */
const WINDOW_LEAVES = 65_536;

export async function fsckFast(
  store: Store,
  { log, origin, trust, note, published }: FsckInput,
  { onProgress }: { onProgress: (progress: FsckProgress) => void },
): Promise<FsckReport> {
  const findings = new Findings();
  const newest = trustedNote({ origin, note }, parseTrust(trust), findings);
  const size = newest?.size ?? 0;
  const check = new FastCheck(store, log, size, () => Math.max(size, published?.() ?? 0), findings);
  for (let first = 0; first < size; first += WINDOW_LEAVES) {
    const end = Math.min(size, first + WINDOW_LEAVES);
    await check.leaves(first, end);
    await check.partsBetween(first, end);
    onProgress({ checked: end, size });
  }
  const root = await check.root();
  if (newest !== undefined && root !== undefined && !root.equals(newest.root)) {
    findings.add('note', newest.size, 'root', newest.root, root);
  }
  return {
    ok: findings.total === 0,
    pass: 'fast',
    log,
    origin,
    size,
    records: check.records,
    parts: check.parts,
    checkpoints: newest === undefined ? 0 : 1,
    findings: findings.list,
    findingsTotal: findings.total,
    missingParts: check.missing,
    missingTotal: check.missingTotal,
    uncoveredTotal: check.uncoveredTotal,
  };
}

class FastCheck {
  readonly #store: Store;
  readonly #log: string;
  readonly #size: number;
  readonly #findings: Findings;
  readonly #coverage = new Coverage();
  readonly #announced: () => Promise<void>;
  /** Over the roots of full tiles. */
  readonly #tiles = new CompactRange();
  #whole = true;
  records = 0;
  parts = 0;
  readonly missing: MissingPart[] = [];
  missingTotal = 0;
  uncoveredTotal = 0;

  constructor(
    store: Store,
    log: string,
    size: number,
    published: () => number,
    findings: Findings,
  ) {
    this.#store = store;
    this.#log = log;
    this.#size = size;
    this.#findings = findings;
    this.#announced = announcements(store, log, this.#coverage, published);
  }

  /** `first` must begin a tile. */
  async leaves(first: number, end: number): Promise<void> {
    const { fast } = this.#store.evidence;
    for (const { idx, computed, stored } of await fast.wrongLeaves(this.#log, first, end)) {
      this.#findings.add('records', idx, 'leaf', computed, stored);
    }
    const sums = await fast.tileSums(this.#log, first, end);
    const byNumber = new Map(sums.map((sum) => [sum.n, sum]));
    const stored = await this.#storedTiles(first, end);
    let wrong = false;
    for (let n = first / TILE_WIDTH; n * TILE_WIDTH < end; n++) {
      const sum = byNumber.get(n);
      const wanted = Math.min(TILE_WIDTH, end - n * TILE_WIDTH);
      this.records += sum?.indices ?? 0;
      wrong ||= sum?.rows !== wanted || sum.indices !== wanted;
      if (wanted < TILE_WIDTH) continue;
      this.#tile(n, sum, stored.get(n) ?? []);
      if (sum !== undefined) this.#tiles.append(sum.root);
    }
    if (!wrong) return;
    this.#whole = false;
    for (const { idx, rows } of await fast.miscounted(this.#log, first, end)) {
      this.#findings.add('records', idx, 'idx', 'one row', rows === 0 ? 'none' : `${rows} rows`);
    }
  }

  /** The root that the records' bytes give; `undefined` when some are missing or doubled. */
  async root(): Promise<Buffer | undefined> {
    if (!this.#whole) return undefined;
    const full = this.#size - (this.#size % TILE_WIDTH);
    const tree = CompactRange.fromHashes(full, this.#tiles.hashes());
    const rest = await this.#store.evidence.fast.leaves(this.#log, full, this.#size);
    for (const leaf of rest) tree.append(leaf);
    return tree.root();
  }

  async partsBetween(first: number, end: number): Promise<void> {
    const { fast } = this.#store.evidence;
    await this.#announced();
    const below = this.#coverage.expiredBelow;
    // A question is asked in halves where its answer is too large: each answer counts its own.
    const answers = await halved(first, end, async (from, to) => [
      await fast.parts(this.#log, from, to, below),
    ]);
    // What is missing in the answers was announced before it was deleted, and so is known now.
    await this.#announced();
    for (const answer of answers) this.#judge(answer);
  }

  #judge({ stored, expired, wrong }: PartsAnswer): void {
    this.parts += stored;
    this.missingTotal += expired;
    for (const part of wrong) this.#part(part);
  }

  #part({ idx, name, chain, seq, committed, stored, copies }: WrongPart): void {
    const place = `${idx}/${name}`;
    if (committed === '') {
      this.#findings.add('parts', place, 'name', 'a part that the record commits to', name);
      return;
    }
    if (stored === '') {
      this.missingTotal++;
      const covered = this.#coverage.of(idx, chain, seq, name) !== undefined;
      if (this.missing.length < MISSING_LISTED_MAX)
        this.missing.push({ index: idx, name, covered });
      if (covered) return;
      this.uncoveredTotal++;
      this.#findings.add('parts', place, 'data', `commitment ${committed}`, 'none');
      return;
    }
    if (copies > 1) this.#findings.add('parts', place, 'name', 'one row', `${copies} rows`);
    if (stored !== committed) {
      this.#findings.add('parts', place, 'data', `commitment ${committed}`, stored);
    }
  }

  async #storedTiles(first: number, end: number): Promise<Map<number, string[]>> {
    const [from, to] = [first / TILE_WIDTH, Math.ceil(end / TILE_WIDTH)];
    const tiles = await this.#store.evidence.tiles(this.#log, 0, from, to);
    const byNumber = Map.groupBy(tiles, ({ n }) => n);
    return new Map([...byNumber].map(([n, some]) => [n, some.map(({ sha256 }) => sha256)]));
  }

  #tile(n: number, sum: TileSum | undefined, stored: string[]): void {
    const place = `0/${n}`;
    if (stored.length !== 1) {
      const found = stored.length === 0 ? 'none' : `${stored.length} rows`;
      this.#findings.add('tiles', place, 'n', stored.length === 0 ? 'a row' : 'one row', found);
    }
    const { rows = 0, indices = 0 } = sum ?? {};
    if (sum === undefined || rows !== TILE_WIDTH || indices !== TILE_WIDTH) return;
    const other = stored.find((sha256) => sha256 !== sum.sha256);
    if (other === undefined) return;
    this.#findings.add('tiles', place, 'hashes', `SHA-256 ${sum.sha256}`, `SHA-256 ${other}`);
  }
}
