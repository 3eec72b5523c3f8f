/**
 * Fan-out of newly published rows to those who follow. A follower that cannot keep up is cut off
 * rather than buffered without bound: it comes back with the index it has seen.
 */
import type { RecordRow } from '@vitrine/store';

export interface Follower {
  /** A part of the collector: no client, and not counted. */
  readonly isOwn?: true;
  /** Called with rows in index order; `false` when the follower cannot take more. */
  take(rows: RecordRow[]): boolean;
  /** Called when it was cut off. */
  end(): void;
}

export class Tail {
  readonly #followers = new Set<Follower>();

  /** Clients that follow. */
  get size(): number {
    let clients = 0;
    for (const { isOwn } of this.#followers) if (!isOwn) clients++;
    return clients;
  }

  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  publish(rows: RecordRow[]): void {
    for (const follower of this.#followers) {
      if (follower.take(rows)) continue;
      this.#followers.delete(follower);
      follower.end();
    }
  }

  close(): void {
    for (const follower of this.#followers) follower.end();
    this.#followers.clear();
  }
}
