/**
 * A small signed log for tests, with its rows as the API serves them and real bundles of one leaf.
 * Made by the packages that make real evidence; runs in Node only.
 */
import {
  buildTree,
  formatCheckpoint,
  generateLogKey,
  type Head,
  headsTree,
  type LogKey,
  leafHash,
  makeBundle,
  makeRecord,
  makeSeal,
  sha256,
  signNote,
  ZERO_HASH,
} from '@vitrine/chain';
import { type JsonObject, recordColumns } from '@vitrine/schema';
import type { EventItem } from '@vitrine/schema/api';

export const LOG_NAME = 'default.0.1';
export const NOW_NS = 1_764_000_900_000_000_000n;
const START_NS = 1_764_000_000_000_000_000n;
const NS_PER_S = 1_000_000_000n;

/** What an admit run says of a record. */
export const ARRIVAL = {
  sandbox: 'sb-1',
  via: 'opp',
  vantage: 'boundary',
  peer: 'unix',
  observed: String(START_NS + NS_PER_S),
} as const;
const NO_ARRIVAL = { sandbox: '', via: '', vantage: '', peer: '', observed: '0' } as const;

/** A bundle as JSON, for tests that break it. */
export interface BundleJson {
  claim: { type: string; index: number };
  checkpoint: string;
  seal: { record: string; proof: string[] };
  attached: { index: number; record: string; proof: string[] }[];
}

/** What a browser keeps, as long as a test runs. */
export class MemoryStorage {
  readonly #items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }
}

export class ProofLog {
  readonly #key: LogKey;
  readonly #leaves: Buffer[] = [];
  readonly #texts: Buffer[] = [];
  readonly #heads = new Map<string, Head>();
  #note = '';

  /** Two logs of one origin and other seeds have other keys: somebody in the log's place. */
  constructor(seed = 7, origin = `vitrine.test/00112233/${LOG_NAME}`) {
    this.#key = generateLogKey(origin, Buffer.alloc(32, seed));
  }

  /** The text that `/v1/trust` answers. */
  get trust(): string {
    return `# the key of log ${this.#key.origin}\nlog ${this.#key.vkey}\nquorum none\n`;
  }

  get keyId(): string {
    return this.#key.keyId;
  }

  get size(): number {
    return this.#leaves.length;
  }

  /** Adds a record; returns its index. */
  add(chain: string, kind: string, fields: JsonObject = {}): number {
    const [session, shim] = chain.split('/') as [string, string];
    const before = this.#heads.get(chain);
    const seq = (before?.seq ?? -1) + 1;
    const place = { session, shim, seq, prev: before?.head ?? ZERO_HASH };
    const t = String(START_NS + BigInt(this.size) * NS_PER_S);
    const salt = (name: string): Buffer => sha256(Buffer.from(name)).subarray(0, 16);
    const made = makeRecord({ kind, t, fields, parts: {} }, place, salt);
    this.#heads.set(chain, { chain, head: made.leaf, seq });
    this.#texts.push(made.bytes);
    return this.#leaves.push(made.leaf) - 1;
  }

  /** The admit record of the records `first` to `last` of a chain: it stands before them. */
  admit(chain: string, first: number, last: number): void {
    this.add('log/admit', 'admit', { runs: [{ chain, first, last, ...ARRIVAL }] });
  }

  /** Ends the tree and signs it; only the first seal of a log is made right. */
  seal(): void {
    const { root, size } = headsTree([...this.#heads.values()]);
    const bytes = makeSeal({
      count: this.size,
      first: 0,
      heads: { root: root.toString('base64'), size },
      n: 0,
      prev: null,
      src: {},
      t: String(START_NS + BigInt(this.size) * NS_PER_S),
    });
    this.#texts.push(bytes);
    this.#leaves.push(leafHash(bytes));
    const tree = buildTree(this.#leaves);
    const { origin } = this.#key;
    this.#note = signNote(
      formatCheckpoint({ origin, size: this.size, root: tree.root }),
      this.#key,
    );
  }

  item(index: number): EventItem {
    const record = JSON.parse(this.#texts[index]!.toString()) as JsonObject;
    const columns = recordColumns(record);
    const own = columns.session === 'log' || columns.shim === 'sup';
    return {
      log: LOG_NAME,
      index,
      leaf: this.#leaves[index]!.toString('base64'),
      ...columns,
      ...(own ? NO_ARRIVAL : ARRIVAL),
      host: null,
      device: null,
      record,
    };
  }

  bundle(index: number, edit: (bundle: BundleJson) => void = () => {}): Uint8Array {
    const tree = buildTree(this.#leaves);
    const leafAt = (at: number) => {
      return { index: at, record: this.#texts[at]!, proof: tree.path(at) };
    };
    const last = this.size - 1;
    const admits = this.item(index).observed === '0' ? [] : [leafAt(0)];
    const bytes = makeBundle({
      claim: { type: 'event', index },
      checkpoint: this.#note,
      seal: leafAt(last),
      chains: [],
      attached: [...admits, leafAt(index)],
    });
    const bundle = JSON.parse(bytes.toString()) as BundleJson;
    edit(bundle);
    return new TextEncoder().encode(JSON.stringify(bundle));
  }
}

/** `admit` at 0, five records of `s1/b1`, `open` of `s1/sup`, the seal. */
export function proofLog(seed?: number): ProofLog {
  const log = new ProofLog(seed);
  log.admit('s1/b1', 0, 4);
  for (let i = 0; i < 5; i++) {
    const agent = { id: 'main' };
    log.add('s1/b1', 'file.read', { agent, file: { path: `/w/${i}`, errno: 'EACCES' } });
  }
  log.add('s1/sup', 'open');
  log.seal();
  return log;
}
