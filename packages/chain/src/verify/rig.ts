/**
 * A small log in memory, for tests: it takes events of chains, seals, signs, and exports bundles
 * with real proofs. It writes what it is told to, also what an honest log would not.
 */
import type { JsonObject } from '@vitrine/schema';
import {
  type BundleChainInput,
  type BundleInput,
  buildTree,
  type Claim,
  formatCheckpoint,
  generateLogKey,
  type Head,
  headsTree,
  type LogKey,
  leafHash,
  type MadePart,
  makeBundle,
  makeRecord,
  makeSeal,
  type NodeReader,
  nodeHash,
  sha256,
  signNote,
  type VerifyOptions,
  verifyBundle,
  ZERO_HASH,
} from '../index.ts';

export const RIG_ORIGIN = 'vitrine.test/00112233/default.0.1';
export const RIG_KEY = generateLogKey(RIG_ORIGIN, Buffer.alloc(32, 7));
export const RIG_TRUST = `log ${RIG_KEY.vkey}\nquorum none\n`;
const START_NS = 1_764_000_000_000_000_000n;
const NS_PER_S = 1_000_000_000n;

interface Kept {
  seq: number;
  bytes: Buffer;
  leaf: Buffer;
  index: number;
  parts: MadePart[];
}

export class RigLog {
  readonly leaves: Buffer[] = [];
  readonly texts: Buffer[] = [];
  readonly chains = new Map<string, Kept[]>();
  /** Chains that a seal commits to. */
  open = new Map<string, Head>();
  note = '';
  readonly #key: LogKey;
  #seals = 0;
  #sealed = 0;
  #prev: { root: string; size: number } | null = null;
  #days = new Map<string, Head>();

  constructor(key: LogKey = RIG_KEY) {
    this.#key = key;
  }

  add(
    chain: string,
    kind: string,
    fields: JsonObject = {},
    parts: Record<string, Uint8Array> = {},
  ): Kept {
    const [session, shim] = chain.split('/') as [string, string];
    const records = this.chains.get(chain) ?? [];
    const seq = records.length;
    const place = { session, shim, seq, prev: records.at(-1)?.leaf ?? ZERO_HASH };
    const t = String(START_NS + BigInt(this.leaves.length) * NS_PER_S);
    const salt = (name: string) => sha256(Buffer.from(`${chain}${seq}${name}`)).subarray(0, 16);
    const made = makeRecord({ kind, t, fields, parts }, place, salt);
    return this.put(chain, { ...made, index: 0 });
  }

  put(chain: string, record: Kept): Kept {
    const { seq, leaf, bytes } = record;
    const kept = { ...record, index: this.leaves.length };
    this.chains.set(chain, [...(this.chains.get(chain) ?? []), kept]);
    this.leaves.push(leaf);
    this.texts.push(bytes);
    this.open.set(chain, { chain, head: leaf, seq });
    this.#days.set(chain, { chain, head: leaf, seq });
    return kept;
  }

  join(chain: string): void {
    const first = this.chains.get(chain)![0]!.leaf.toString('base64');
    this.add(supOf(chain), 'join', { target: { chain, first } });
  }

  end(chain: string, state = 'closed'): void {
    const { seq, leaf } = this.chains.get(chain)!.at(-1)!;
    const target = { chain, seq, head: leaf.toString('base64') };
    this.add(supOf(chain), 'end', { target, state, reason: 'bye' });
  }

  close(session: string, reason = 'runtime'): void {
    this.add(`${session}/sup`, 'close', { reason });
    for (const chain of this.open.keys()) {
      if (chain.startsWith(`${session}/`)) this.open.delete(chain);
    }
  }

  /** Seals and signs; `heads` are those of the open chains unless others are given. */
  seal(options: { heads?: Head[] | null; day?: string } = {}): string {
    const { heads = [...this.open.values()], day } = options;
    const first = this.#sealed;
    const bytes = makeSeal({
      count: this.leaves.length - first,
      first,
      heads: heads === null ? null : sealed(heads),
      n: this.#seals++,
      prev: this.#prev,
      src: {},
      t: String(START_NS + BigInt(this.leaves.length) * NS_PER_S),
      ...(day === undefined ? {} : { day, days: sealed([...this.#days.values()]) }),
    });
    this.leaves.push(leafHash(bytes));
    this.texts.push(bytes);
    this.#sealed = this.leaves.length;
    const { root } = buildTree(this.leaves);
    this.#prev = { root: root.toString('base64'), size: this.#sealed };
    const { origin } = this.#key;
    this.note = signNote(formatCheckpoint({ origin, size: this.#sealed, root }), this.#key);
    return this.note;
  }

  leaf(index: number): { index: number; record: Buffer; proof: Buffer[] } {
    return { index, record: this.texts[index]!, proof: this.path(index) };
  }

  path(index: number): Buffer[] {
    return buildTree(this.leaves).path(index);
  }

  /** One chain of a bundle, from `first` to `last`. */
  chain(chain: string, first = 0, last = Number.POSITIVE_INFINITY): BundleChainInput {
    const records = this.chains.get(chain)!.filter(({ seq }) => seq >= first && seq <= last);
    const { index } = records.at(-1)!;
    const heads = headsTree([...this.open.values()]);
    const at = heads.index(chain);
    const parts = records.flatMap(({ seq, parts: made }) => made.map((p) => ({ seq, ...p })));
    return {
      chain,
      first,
      records: records.map(({ bytes }) => bytes),
      parts,
      tip: { index, proof: this.path(index) },
      head: at < 0 ? undefined : { index: at, proof: heads.path(at) },
    };
  }

  /** The claim with the last seal; everything else as given. */
  bundle(claim: Claim, rest: Partial<BundleInput> = {}): Buffer {
    const { record, proof } = this.leaf(this.leaves.length - 1);
    const seal = { record, proof };
    return makeBundle({ claim, checkpoint: this.note, seal, chains: [], attached: [], ...rest });
  }

  session(session: string, rest: Partial<BundleInput> = {}): Buffer {
    const names = [...this.chains.keys()].filter((chain) => chain.startsWith(`${session}/`));
    const chains = names.map((chain) => this.chain(chain));
    return this.bundle({ type: 'session', session }, { chains, ...rest });
  }

  reader(): NodeReader {
    const node = (level: number, index: number): Buffer => {
      if (level === 0) return this.leaves[index]!;
      return nodeHash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
    };
    return (level, index) => Promise.resolve(node(level, index));
  }
}

/** A session `s1` with one chain of `records` events, closed unless it shall stay open. */
export function rigSession(records: number, closed: boolean, key = RIG_KEY): RigLog {
  const log = new RigLog(key);
  log.add('s1/sup', 'open');
  for (let i = 0; i < records; i++) log.add('s1/b1', 'file.read', { file: { path: `/w/${i}` } });
  log.join('s1/b1');
  if (closed) log.end('s1/b1');
  if (closed) log.close('s1');
  log.seal();
  return log;
}

function supOf(chain: string): string {
  return `${chain.slice(0, chain.indexOf('/'))}/sup`;
}

function sealed(heads: Head[]): { root: string; size: number } {
  const { root, size } = headsTree(heads);
  return { root: root.toString('base64'), size };
}

/** The code of a verdict, and the step that failed. */
export type Answer = [code: number, step: string | undefined];
export const PROVEN: Answer = [0, undefined];

export function answerTo(
  bundle: Uint8Array,
  options: VerifyOptions = {},
  trust = RIG_TRUST,
): Answer {
  const { code, failure } = verifyBundle(bundle, trust, options);
  return [code, failure?.step];
}
