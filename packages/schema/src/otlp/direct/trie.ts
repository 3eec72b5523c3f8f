/**
 * Finds the template of a record by the names of its attributes in their order, without making a
 * string of any: sources say the same names in the same order again and again. Bounded; hostile
 * names can only make it useless.
 */
import { type Template, templateOf } from './template.ts';

/** Some hundred kinds of records, each with some ten names. */
const NODES_MAX = 4_096;
/** Names that may follow one another; more are looked for one by one, and that takes time. */
const CHILDREN_MAX = 64;
const TEMPLATE_BYTES_MAX = 4_194_304;
/** Making one takes as long as many records: whoever invents names must not have one for each. */
const MAKINGS_MAX = 512;
const RECORDS_PER_MAKING = 32;

/** The names so far: this one and those of the nodes above. */
export class NameNode {
  readonly key: Buffer;
  readonly children: NameNode[] = [];
  /** The child found last, which is almost always the one looked for. */
  last: NameNode | undefined;
  /** Of a record whose names end here; `null` where there is none. */
  template: Template | null | undefined;

  constructor(key: Buffer) {
    this.key = key;
  }

  is(bytes: Buffer, start: number, length: number): boolean {
    const { key } = this;
    if (key.length !== length) return false;
    for (let i = 0; i < length; i++) if (key[i] !== bytes[start + i]) return false;
    return true;
  }
}

export class NameTrie {
  readonly #relayed: boolean;
  #kinds = new Map<string, Map<string, NameNode>>();
  #nodes = 0;
  #templateBytes = 0;
  /** Templates that may be made at once. */
  #makings = MAKINGS_MAX;

  /** `relayed`: as `templateOf` has it. */
  constructor(relayed: boolean) {
    this.#relayed = relayed;
  }

  /** Where the names of such a record begin. */
  root(shim: string, kind: string): NameNode {
    const known = this.#kinds.get(shim)?.get(kind);
    if (known !== undefined) return known;
    const node = this.#made(Buffer.alloc(0));
    const kinds = this.#kinds.get(shim);
    if (kinds === undefined) this.#kinds.set(shim, new Map([[kind, node]]));
    else kinds.set(kind, node);
    return node;
  }

  /** The node of the next name, which stands in `bytes`. */
  next(node: NameNode, bytes: Buffer, start: number, length: number): NameNode {
    const { last } = node;
    if (last?.is(bytes, start, length) === true) return last;
    node.last = this.#child(node, bytes, start, length);
    return node.last;
  }

  /** Apart from `next`: a function inside costs whatever calls it an allocation each time. */
  #child(node: NameNode, bytes: Buffer, start: number, length: number): NameNode {
    const known = node.children.find((one) => one.is(bytes, start, length));
    if (known !== undefined) return known;
    const child = this.#made(Buffer.from(bytes.subarray(start, start + length)));
    if (node.children.length >= CHILDREN_MAX) node.children.length = 0;
    node.children.push(child);
    return child;
  }

  /** Of one more record. `names`: those on the way to the node. */
  template(node: NameNode, shim: string, kind: string, names: () => string[]): Template | null {
    this.#makings = Math.min(MAKINGS_MAX, this.#makings + 1 / RECORDS_PER_MAKING);
    if (node.template !== undefined) return node.template;
    if (this.#makings < 1) return null;
    this.#makings--;
    const template = templateOf(kind, shim, names(), this.#relayed) ?? null;
    node.template = template;
    this.#templateBytes += template?.frameBytes ?? 0;
    if (this.#templateBytes > TEMPLATE_BYTES_MAX) this.#clear();
    return template;
  }

  #made(key: Buffer): NameNode {
    if (++this.#nodes > NODES_MAX) this.#clear();
    return new NameNode(key);
  }

  #clear(): void {
    this.#nodes = 1;
    this.#templateBytes = 0;
    this.#kinds = new Map();
  }
}
