/** What waits for a commit, in order for each chain, so that a flood at one holds up no other. */
import { COMMIT_BYTES_MAX, type SandboxEvent } from '@vitrine/schema';
import type { LiveChain } from '../chain/live.ts';
import type { Commit } from './commit.ts';

/** What became of one request. `first` says why its first rejected event was rejected. */
export interface Taken {
  accepted: number;
  rejected: number;
  first: string;
}

export interface Linked {
  taken: Taken;
  /** `own`: the relay's word. Both that and `critical` are on disk before they are answered. */
  priority: 'own' | 'critical' | 'bulk';
  /** All of the request, until it is sure what became of them. */
  events: readonly SandboxEvent[];
  /** Those that cannot become records. */
  rejected: readonly SandboxEvent[];
}

export interface Waiting {
  chain: LiveChain;
  /** Adds its records to the commit. What it throws is its own answer, not the commit's. */
  link: (commit: Commit) => Linked;
  done: (taken: Taken) => void;
  failed: (error: unknown) => void;
}

export type Joined = Linked & Waiting;

export class Queues {
  readonly #queues: Map<LiveChain, Waiting[]>;

  constructor(chains: LiveChain[]) {
    this.#queues = new Map(chains.map((chain) => [chain, []]));
  }

  get chains(): LiveChain[] {
    return [...this.#queues.keys()];
  }

  get isEmpty(): boolean {
    for (const queue of this.#queues.values()) if (queue.length > 0) return false;
    return true;
  }

  push(item: Waiting): void {
    this.#queues.get(item.chain)!.push(item);
  }

  /** Takes one of each queue in turn until the commit is large enough. */
  link(commit: Commit): Joined[] {
    const joined: Joined[] = [];
    while (!this.isEmpty && commit.added < COMMIT_BYTES_MAX) {
      for (const queue of this.#queues.values()) {
        const item = queue.shift();
        if (item === undefined) continue;
        try {
          joined.push({ ...item, ...item.link(commit) });
        } catch (error) {
          item.failed(error);
        }
      }
    }
    return joined;
  }
}
