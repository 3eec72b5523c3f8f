/**
 * What a bundle holds that its verdict does not repeat: times, kinds, and the words of redactions.
 * Relies on the verifier having found the form of the file right; what a record says is believed
 * no more than the verdict believes it.
 */
import { isObject, type Json, type JsonObject } from '@vitrine/schema';

export interface Content {
  /** Base64; of the tree that the checkpoint signs. */
  root: string;
  /** Unix nanoseconds of the earliest and the latest record, by the clocks of their makers. */
  period: { from: string; to: string } | undefined;
  /** By chain. */
  chains: Map<string, ChainContent>;
  /** Records of each kind. */
  kinds: Map<string, number>;
  /** Leaves outside the chains, by index. */
  attached: Map<number, JsonObject>;
}

export interface ChainContent {
  /** Unix nanoseconds of its first and last record here. */
  from: string | undefined;
  to: string | undefined;
  /** Contents given; `undefined` when the bundle was made without those of this chain. */
  parts: number | undefined;
  /** Contents its records commit to. */
  committed: number;
}

export function contentOf(bytes: Uint8Array): Content {
  const bundle = objectOf(new TextDecoder().decode(bytes));
  const content: Content = {
    root: textOf(bundle.checkpoint).split('\n')[2] ?? '',
    period: undefined,
    chains: new Map(),
    kinds: new Map(),
    attached: new Map(),
  };
  for (const chain of listOf(bundle.chains)) {
    if (isObject(chain)) content.chains.set(textOf(chain.chain), readChain(content, chain));
  }
  for (const leaf of listOf(bundle.attached)) {
    if (!isObject(leaf) || typeof leaf.index !== 'number') continue;
    content.attached.set(leaf.index, objectOf(textOf(leaf.record)));
  }
  return content;
}

function readChain(content: Content, chain: JsonObject): ChainContent {
  const read: ChainContent = { from: undefined, to: undefined, parts: undefined, committed: 0 };
  for (const text of listOf(chain.records)) {
    const record = objectOf(textOf(text));
    const kind = textOf(record.kind);
    content.kinds.set(kind, (content.kinds.get(kind) ?? 0) + 1);
    if (isObject(record.parts)) read.committed += Object.keys(record.parts).length;
    const t = textOf(record.t);
    if (!/^\d{1,24}$/.test(t)) continue;
    read.from ??= t;
    read.to = t;
    content.period = widened(content.period, t);
  }
  if (!isObject(chain.parts)) return read;
  const given = Object.values(chain.parts).map((named) => (isObject(named) ? named : {}));
  return { ...read, parts: given.reduce((sum, named) => sum + Object.keys(named).length, 0) };
}

function widened(period: Content['period'], t: string): Content['period'] {
  if (period === undefined) return { from: t, to: t };
  const { from, to } = period;
  return { from: BigInt(t) < BigInt(from) ? t : from, to: BigInt(t) > BigInt(to) ? t : to };
}

/** An object in JSON; empty for any other text, which the verdict has complained about. */
function objectOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? (value as JsonObject) : {};
  } catch {
    return {};
  }
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
