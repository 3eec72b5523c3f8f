/** Stored tiles beside those the leaves make. Asks the store level by level, some at a time. */
import { type FullTile, sha256 } from '@vitrine/chain';
import type { EvidenceReader, TileDigest } from './evidence.ts';
import type { Findings } from './report.ts';

const AHEAD = 512;

export class TileWalk {
  readonly #reader: EvidenceReader;
  readonly #log: string;
  readonly #findings: Findings;
  /** By level: the tiles of [first, first + AHEAD). */
  readonly #levels: { first: number; tiles: Map<number, TileDigest[]> }[] = [];

  constructor(reader: EvidenceReader, log: string, findings: Findings) {
    this.#reader = reader;
    this.#log = log;
    this.#findings = findings;
  }

  async check({ level, n, hashes }: FullTile): Promise<void> {
    const stored = (await this.#window(level, n)).get(n) ?? [];
    const place = `${level}/${n}`;
    const [tile] = stored;
    if (tile === undefined) return this.#findings.add('tiles', place, 'n', 'a row', 'none');
    if (stored.length > 1) {
      this.#findings.add('tiles', place, 'n', 'one row', `${stored.length} rows`);
    }
    const digest = sha256(hashes).toString('base64');
    const other = stored.find((copy) => copy.sha256 !== digest);
    if (other !== undefined) {
      this.#findings.add('tiles', place, 'hashes', `SHA-256 ${digest}`, `SHA-256 ${other.sha256}`);
    }
  }

  async #window(level: number, n: number): Promise<Map<number, TileDigest[]>> {
    const first = n - (n % AHEAD);
    if (this.#levels[level]?.first !== first) {
      const rows = await this.#reader.tiles(this.#log, level, first, first + AHEAD);
      this.#levels[level] = { first, tiles: Map.groupBy(rows, (row) => row.n) };
    }
    return this.#levels[level]!.tiles;
  }
}
