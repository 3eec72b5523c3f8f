/**
 * One commit while it is made: records get their places in the chains and their frames in a group,
 * and all of it, or the last request of it, can be taken back until it is answered.
 */
import { ChainError, type EventBody } from '@vitrine/chain';
import { PULL_PAGE_BYTES_MAX } from '@vitrine/schema';
import type { LiveChain, LiveMark } from '../chain/live.ts';
import type { ShimMark, ShimTable } from '../chain/shims.ts';
import { recordFrameBytes } from '../spool/frame.ts';
import type { Group, GroupMark } from '../spool/group.ts';
import { logSizes } from '../spool/log-record.ts';

export interface Point {
  chain: LiveChain;
  tip: LiveMark;
  group: GroupMark;
  shims: number;
}

export class Commit {
  readonly #group: Group;
  /** What of the group is of earlier commits. */
  readonly #start: GroupMark;
  readonly #shims: ShimTable;
  /** Chains as they were before this commit. */
  readonly #tips = new Map<LiveChain, LiveMark>();

  constructor(shims: ShimTable, group: Group) {
    this.#group = group;
    this.#start = group.mark();
    this.#shims = shims;
  }

  /** Of the whole group. */
  get bytes(): number {
    return this.#group.bytes;
  }

  get added(): number {
    return this.bytes - this.#start.bytes;
  }

  /** Throws ChainError, and nothing has changed, for an event that cannot become a record. */
  link(chain: LiveChain, event: EventBody, shim?: ShimMark): void {
    const made = chain.make(event);
    const { view: bytes, parts, seq, leafText } = made;
    const { kind, t } = event;
    const sizes = logSizes({ kind, bytes, parts });
    const total = recordFrameBytes(sizes);
    if (total > PULL_PAGE_BYTES_MAX) {
      const found = `the record has ${total} bytes with its parts, ${PULL_PAGE_BYTES_MAX} at most`;
      throw new ChainError('RECORD_INVALID', found, 'send less content with one event');
    }
    if (!this.#tips.has(chain)) this.#tips.set(chain, chain.mark());
    if (shim !== undefined && !shim.declared) {
      this.#group.declare(shim);
      this.#shims.declare(shim);
    }
    const mac = chain.accept(made);
    this.#group.add(chain.stored, { kind, t, bytes, mac, parts }, sizes, { seq, leafText, shim });
  }

  /** Everything linked to `chain` after this can be taken back with `backTo`. */
  point(chain: LiveChain): Point {
    return { chain, tip: chain.mark(), group: this.#group.mark(), shims: this.#shims.mark() };
  }

  backTo({ chain, tip, group, shims }: Point): void {
    chain.reset(tip);
    this.#group.rewind(group);
    this.#shims.rewind(shims);
  }

  /** The commit failed: every chain and shim is as it was. */
  undo(): void {
    for (const [chain, tip] of this.#tips) chain.reset(tip);
    this.#group.rewind(this.#start);
    this.#shims.rewind(0);
    this.settle();
  }

  /** There is no way back: the keys that would lead there are erased. */
  settle(): void {
    for (const { key } of this.#tips.values()) key.fill(0);
    this.#tips.clear();
    this.#shims.settle();
  }
}

/** Erases the key in a point that is not needed any more. */
export function forget({ tip }: Point): void {
  tip.key.fill(0);
}
