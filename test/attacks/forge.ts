/**
 * A log in memory whose owner may lie: it takes records, seals, signs and exports with real hashes,
 * proofs and signatures, also what an honest log would not. Keys and salts are fixed, so that the
 * same story gives the same bytes.
 */
import {
  buildTree,
  canonicalBytes,
  formatCheckpoint,
  generateLogKey,
  type LogKey,
  leafHash,
  type MadePart,
  makeRecord,
  makeSeal,
  nodeHash,
  type SealBody,
  type SealedTree,
  sha256,
  signNote,
  ZERO_HASH,
} from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import type { BundleJson, ChainJson, LeafJson, ProofJson } from './file.ts';

export const ORIGIN = 'vitrine.test/0badcafe/default.0.1';
export const SEED = Buffer.alloc(32, 42);
export const KEY = generateLogKey(ORIGIN, SEED);
export const START_S = 1_764_000_000;
const NS_PER_S = 1_000_000_000n;

export interface Kept {
  chain: string;
  seq: number;
  leaf: Buffer;
  index: number;
  text: string;
  parts: MadePart[];
}

/** A head as a seal commits to it: honest logs name the last record of each open chain. */
export interface ForgedHead {
  chain: string;
  head: Buffer;
  seq: number;
}

export interface SealOptions {
  /** In the order of the tree; `null` for a seal without heads. */
  heads?: ForgedHead[] | null;
  day?: string;
  /** Members of the seal that are to be others. */
  change?: JsonObject;
  /** The whole text of the last leaf instead. */
  text?: string;
}

export class ForgedLog {
  readonly leaves: Buffer[] = [];
  readonly texts: string[] = [];
  readonly records = new Map<string, Kept[]>();
  readonly key: LogKey;
  note = '';
  #closed = new Set<string>();
  #heads: ForgedHead[] = [];
  #seals = 0;
  #prev: SealedTree | null = null;

  constructor(key: LogKey = KEY) {
    this.key = key;
  }

  add(
    chain: string,
    kind: string,
    fields: JsonObject = {},
    parts: Record<string, string> = {},
  ): Kept {
    const [session, shim] = chain.split('/') as [string, string];
    const before = this.records.get(chain)?.at(-1);
    const seq = before === undefined ? 0 : before.seq + 1;
    const place = { session, shim, seq, prev: before?.leaf ?? ZERO_HASH };
    const t = String(this.#time());
    const data = Object.entries(parts).map(([name, text]) => [name, Buffer.from(text)]);
    const salt = (name: string) => sha256(Buffer.from(`${chain} ${seq} ${name}`)).subarray(0, 16);
    const made = makeRecord({ kind, t, fields, parts: Object.fromEntries(data) }, place, salt);
    return this.put(chain, seq, made.bytes.toString(), made.parts);
  }

  /** Any text as a leaf, kept as record `seq` of the chain. */
  put(chain: string, seq: number, text: string, parts: MadePart[] = []): Kept {
    const leaf = leafHash(Buffer.from(text));
    const kept = { chain, seq, leaf, index: this.leaves.length, text, parts };
    this.records.set(chain, [...(this.records.get(chain) ?? []), kept]);
    this.leaves.push(leaf);
    this.texts.push(text);
    return kept;
  }

  last(chain: string): Kept {
    return this.records.get(chain)!.at(-1)!;
  }

  /** Heads of the chains that are open, sorted. */
  openHeads(): ForgedHead[] {
    const open = [...this.records.keys()].filter((chain) => !this.#closed.has(chain)).sort();
    return open.map((chain) => ({ chain, head: this.last(chain).leaf, seq: this.last(chain).seq }));
  }

  /** Takes the chains of a session out of the heads, as its `close` does. */
  forget(session: string): void {
    for (const chain of this.records.keys()) {
      if (chain.startsWith(`${session}/`)) this.#closed.add(chain);
    }
  }

  seal({ heads = this.openHeads(), day, change = {}, text }: SealOptions = {}): void {
    this.#heads = heads ?? [];
    const first = this.#prev?.size ?? 0;
    const body: SealBody = {
      count: this.leaves.length - first,
      first,
      heads: heads === null ? null : treeOf(heads),
      n: this.#seals++,
      prev: this.#prev,
      src: {},
      t: String(this.#time()),
      ...(day === undefined ? {} : { day, days: treeOf(this.#heads) }),
    };
    const honest = JSON.parse(makeSeal(body).toString()) as JsonObject;
    const last = text ?? canonicalBytes({ ...honest, ...change }).toString();
    this.texts.push(last);
    this.leaves.push(leafHash(Buffer.from(last)));
    this.sign();
  }

  /** Signs the tree as it is. */
  sign(): void {
    const { root } = buildTree(this.leaves);
    const size = this.leaves.length;
    this.#prev = { root: root.toString('base64'), size };
    this.note = signNote(formatCheckpoint({ origin: this.key.origin, size, root }), this.key);
  }

  pin(): string {
    const [origin, size, root] = this.note.split('\n') as [string, string, string];
    return JSON.stringify({ origin, size: Number(size), root, note: this.note });
  }

  leaf(index: number): LeafJson {
    return { ...this.proof(index), record: this.texts[index]! };
  }

  proof(index: number): ProofJson {
    return { index, proof: texts(buildTree(this.leaves).path(index)) };
  }

  head(chain: string): ProofJson | undefined {
    const index = this.#heads.findIndex((head) => head.chain === chain);
    return index < 0 ? undefined : { index, proof: this.#headPath(index) };
  }

  /** A leaf of the heads tree, or of the day's tree, of the last seal. */
  neighbour(index: number): NonNullable<BundleJson['neighbours']>[number] {
    const leaf = headText(this.#heads[index]!);
    return { index, leaf, proof: this.#headPath(index) };
  }

  /** Records `first` to `last` of a chain, with their parts. */
  chain(chain: string, first = 0, last = Number.POSITIVE_INFINITY): ChainJson {
    const records = this.records.get(chain)!.filter(({ seq }) => seq >= first && seq <= last);
    const head = this.head(chain);
    const parts: NonNullable<ChainJson['parts']> = {};
    for (const { seq, parts: made } of records) {
      for (const { name, salt, data } of made) {
        parts[seq] ??= {};
        parts[seq][name] = { salt: salt.toString('base64'), data: data.toString('base64') };
      }
    }
    return {
      chain,
      first,
      records: records.map(({ text }) => text),
      parts,
      tip: this.proof(records.at(-1)!.index),
      ...(head === undefined ? {} : { head }),
    };
  }

  bundle(claim: JsonObject, rest: Partial<BundleJson> = {}): BundleJson {
    const { proof, record } = this.leaf(this.leaves.length - 1);
    return {
      format: 'vitrine-bundle/1',
      claim,
      checkpoint: this.note,
      seal: { record, proof },
      chains: [],
      attached: [],
      ...rest,
    };
  }

  session(session: string, rest: Partial<BundleJson> = {}): BundleJson {
    const names = [...this.records.keys()].filter((chain) => chain.startsWith(`${session}/`));
    const chains = names.sort().map((chain) => this.chain(chain));
    return this.bundle({ type: 'session', session }, { chains, ...rest });
  }

  range(chain: string, first: number, last: number, rest: Partial<BundleJson> = {}): BundleJson {
    const chains = [this.chain(chain, first, last)];
    return this.bundle({ type: 'range', chain, first, last }, { chains, ...rest });
  }

  /** RFC 6962 §2.1.2, written from its text. */
  consistency(from: number): string[] {
    return texts(subproof(from, this.leaves, true));
  }

  #headPath(index: number): string[] {
    return texts(buildTree(this.#heads.map(headHash)).path(index));
  }

  #time(): bigint {
    return (BigInt(START_S) + BigInt(this.leaves.length)) * NS_PER_S;
  }
}

function headText({ chain, head, seq }: ForgedHead): string {
  return canonicalBytes({ chain, head: head.toString('base64'), seq }).toString();
}

function headHash(head: ForgedHead): Buffer {
  return leafHash(Buffer.from(headText(head)));
}

/** In the order given, sorted or not. */
function treeOf(heads: ForgedHead[]): SealedTree {
  const { root } = buildTree(heads.map(headHash));
  return { root: root.toString('base64'), size: heads.length };
}

function texts(hashes: Buffer[]): string[] {
  return hashes.map((hash) => hash.toString('base64'));
}

function subproof(m: number, leaves: Buffer[], whole: boolean): Buffer[] {
  const n = leaves.length;
  if (m === n) return whole ? [] : [rootOf(leaves)];
  const k = split(n);
  if (m <= k) return [...subproof(m, leaves.slice(0, k), whole), rootOf(leaves.slice(k))];
  return [...subproof(m - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))];
}

function rootOf(leaves: Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0]!;
  const k = split(leaves.length);
  return nodeHash(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** The largest power of two below `n`. */
function split(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}
