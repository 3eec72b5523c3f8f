/**
 * The chains of one relay while they are followed. Bounded, whatever the relay offers: a chain
 * whose end the log has makes room for the next, and is looked up there if it is offered again.
 */
import { RELAY_CHAINS_MAX } from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import { type Followed, followedFrom } from './followed.ts';
import type { ChainTip } from './page.ts';
import type { RelayAddress } from './registration.ts';

/** A chain as the log has it. */
export interface KnownChain {
  chain: string;
  tip: ChainTip;
  ended: boolean;
}

export interface ChainsOptions {
  session: string;
  relay: RelayAddress;
  /** What the log has already, for a puller that resumes. */
  known: KnownChain[];
  /** What the log has of a chain now; without it, what it had at first. */
  lookUp?: ((chain: string) => KnownChain | undefined) | undefined;
}

export class FollowedChains {
  readonly #options: ChainsOptions;
  readonly #lookUp: (chain: string) => KnownChain | undefined;
  readonly #byName = new Map<string, Followed>();

  /** Throws RELAY_INVALID for more open chains than may be followed. */
  constructor(options: ChainsOptions) {
    this.#options = options;
    const { known } = options;
    this.#lookUp = options.lookUp ?? ((name) => known.find(({ chain }) => chain === name));
    for (const { chain, ended } of known) if (!ended) this.follow(chain);
  }

  get(chain: string): Followed | undefined {
    return this.#byName.get(chain);
  }

  get all(): [chain: string, followed: Followed][] {
    return [...this.#byName];
  }

  /** The last seq of a chain that was taken, −1 before any. */
  seqOf(chain: string): number {
    return (this.#byName.get(chain) ?? this.#lookUp(chain))?.tip.seq ?? -1;
  }

  /** Behind which seq each open chain goes on. The seq of a broken one is not the relay's. */
  get after(): Record<string, number> {
    const open = this.all.filter(([, { state }]) => state === 'open');
    return Object.fromEntries(open.map(([chain, { tip }]) => [chain, tip.seq]));
  }

  /** Throws RELAY_INVALID for a name that is none, and for one chain too many. */
  follow(chain: string): Followed {
    const followed = this.#byName.get(chain);
    if (followed !== undefined) return followed;
    const { session, relay } = this.#options;
    const begun = followedFrom(session, chain, relay);
    if (this.#byName.size >= RELAY_CHAINS_MAX) this.#forgetOne();
    const known = this.#lookUp(chain);
    if (known !== undefined) begun.tip = { ...known.tip };
    // What the log has ended is never believed again, whatever the relay still offers of it.
    if (known?.ended === true) begun.state = 'broken';
    this.#byName.set(chain, begun);
    return begun;
  }

  /** The oldest of which the log itself says that it has ended. */
  #forgetOne(): void {
    for (const [chain, { state }] of this.#byName) {
      if (state === 'open' || this.#lookUp(chain)?.ended !== true) continue;
      this.#byName.delete(chain);
      return;
    }
    const message = `the relay offers more than ${RELAY_CHAINS_MAX} chains`;
    throw new CollectorError('RELAY_INVALID', message);
  }
}
