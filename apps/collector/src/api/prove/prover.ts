/** Makes the bundle of each claim of LOG.md §4 out of what the store has. */
import { headsTree, type SealBody } from '@vitrine/chain';
import type { RecordRow, Store } from '@vitrine/store';
import { dayAfter, dayOf, midnightNs } from '../../sequence/days.ts';
import { dayHeads } from '../../sequence/recover-days.ts';
import { type EvidenceTree, SUPERVISOR_SHIM } from '../../sequence/state.ts';
import { ApiError } from '../errors.ts';
import { neighboursOf } from './absence.ts';
import { admitsOf } from './admits.ts';
import { alertsAbout } from './alerts.ts';
import { ChainBundler } from './chains.ts';
import { type Kept, ProvenTree } from './tree.ts';

export class Prover {
  readonly #tree: ProvenTree;

  /** With `kept`, bundles prove that the log has only grown since that checkpoint. */
  constructor(store: Store, log: string, tree: EvidenceTree, kept?: Kept) {
    this.#tree = new ProvenTree(store, log, tree, kept);
  }

  /**
   * Everything the log has of one session, with or without the content of its records, and beside
   * it the alerts about the session with what people made of them.
   */
  async session(session: string, withParts: boolean): Promise<Buffer> {
    const { store, log, size } = this.#tree;
    const shims = await store.shims(log, size, session);
    if (!shims.includes(SUPERVISOR_SHIM)) {
      const message = `session ${session} is not in the published log yet`;
      throw new ApiError('NOT_FOUND', message, 'try again in a second');
    }
    const bundler = new ChainBundler(this.#tree, withParts);
    const chains = [];
    for (const shim of shims) {
      const taken = await bundler.take(session, shim, { first: 0 });
      if (taken === undefined) throw new ApiError('INTERNAL', `${session}/${shim} has no seq 0`);
      chains.push(taken.made);
    }
    const alerts = await alertsAbout(store, log, size, session);
    const covering = await bundler.covering(session);
    const attached = await this.#tree.attach([...alerts, ...covering]);
    return this.#tree.bundle({ type: 'session', session }, { chains, attached });
  }

  /** The records `first` to `last` of one chain, with the admits that say how they arrived. */
  async range(
    { session, shim }: { session: string; shim: string },
    { first, last }: { first: number; last: number },
    withParts: boolean,
  ): Promise<Buffer> {
    const { store, log } = this.#tree;
    const bundler = new ChainBundler(this.#tree, withParts);
    const taken = await bundler.take(session, shim, { first, last });
    const chain = `${session}/${shim}`;
    if (taken === undefined) {
      const message = `chain ${chain} has no records ${first} to ${last} in the published log`;
      throw new ApiError('NOT_FOUND', message);
    }
    const { made, firstIdx, lastIdx } = taken;
    const admits = await admitsOf(store, { log, session, shim, first, last, firstIdx, lastIdx });
    const attached = await this.#tree.attach([...admits, ...(await bundler.covering(session))]);
    const claim = { type: 'range', chain, first, last } as const;
    return this.#tree.bundle(claim, { chains: [made], attached });
  }

  /** One leaf, with the admit record that says how it arrived. */
  async event(row: RecordRow): Promise<Buffer> {
    const { store, log, size } = this.#tree;
    const { idx, session, shim, seq } = row;
    // The newest tree may be larger than the newest one whose seal has heads.
    if (idx >= size) {
      throw new ApiError('NOT_READY', `no seal with heads covers leaf ${idx} yet`);
    }
    const place = { log, session, shim, firstIdx: idx, lastIdx: idx };
    const admits = seq === null ? [] : await admitsOf(store, { ...place, first: seq, last: seq });
    const attached = await this.#tree.attach([...admits, row]);
    return this.#tree.bundle({ type: 'event', index: idx }, { attached });
  }

  /** The log had no open session of this name at its checkpoint. Throws CLAIM_FALSE. */
  absent(session: string): Promise<Buffer> {
    const tree = headsTree(this.#tree.heads);
    const neighbours = neighboursOf(tree, session, `session ${session} is open`);
    return this.#tree.bundle({ type: 'absent', session }, { neighbours });
  }

  /** The log has no record of this session from that day. Throws CLAIM_FALSE. */
  async inactive(session: string, day: string): Promise<Buffer> {
    const { store, log, size } = this.#tree;
    const seal = await store.daySeal(log, size, day, midnightNs(dayAfter(day)));
    if (seal === undefined) throw await this.#noDaySeal(day);
    const { heads } = await dayHeads(store, log, size, day);
    const tree = headsTree(heads);
    const { days } = JSON.parse(seal.record) as SealBody;
    if (days?.size !== tree.size || days.root !== tree.root.toString('base64')) {
      const message = `the records of ${day} do not give the tree of its seal, leaf ${seal.idx}`;
      throw new ApiError('INTERNAL', message, 'run npx --no vitrine fsck');
    }
    const neighbours = neighboursOf(tree, session, `session ${session} has records of ${day}`);
    const attached = await this.#tree.attach([seal]);
    return this.#tree.bundle({ type: 'inactive', session, day }, { attached, neighbours });
  }

  async #noDaySeal(day: string): Promise<ApiError> {
    const { store, log, size } = this.#tree;
    const newest = await store.record(log, size, size - 1);
    if (newest !== undefined && day < dayOf(BigInt(newest.t))) {
      const hint = 'it was before the log began, or the log is older than its seals of days';
      return new ApiError('NOT_FOUND', `no seal commits to the chains of ${day}`, hint);
    }
    const hint = 'its seal comes within 15 minutes after midnight UTC';
    return new ApiError('NOT_READY', `the day ${day} is not over in this log`, hint);
  }
}
