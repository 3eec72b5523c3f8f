/** Watches the alerts of a running system and remembers when each became known here. */
import type { EventItem } from '@vitrine/schema/api';
import type { Client } from '../client/client.ts';
import { textAt } from '../print/event.ts';

export interface SeenAlert {
  item: EventItem;
  at: Date;
}

export class AlertWatch {
  readonly #seen: SeenAlert[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #wake: () => void = () => {};
  #failure: unknown;

  /** Begins with the alerts that come after leaf `after`. */
  constructor(client: Client, after: number) {
    this.#done = this.#follow(client, after).catch((error: unknown) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** Alerts about a session, in the order in which they came. */
  about(session: string): SeenAlert[] {
    return this.#seen.filter(({ item }) => textAt(item, 'subject') === session);
  }

  /** The first alert of `rule` about `session`; `undefined` when `giveUp` comes before it. */
  async first(session: string, rule: string, giveUp: AbortSignal): Promise<SeenAlert | undefined> {
    for (;;) {
      const found = this.about(session).find(({ item }) => textAt(item, 'rule') === rule);
      if (found !== undefined) return found;
      if (this.#failure !== undefined) throw this.#failure;
      if (giveUp.aborted) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        giveUp.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #follow(client: Client, after: number): Promise<void> {
    const query = { session: 'log', kind: 'alert', after };
    for await (const item of client.tail(query, this.#stop.signal)) {
      this.#seen.push({ item, at: new Date() });
      this.#wake();
    }
  }
}
