/** When an event became visible through the API: the live tail, read as any client would. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from '../measure/collector.ts';

const DATA = 'data: ';
const LATE_MS = 60_000;

interface Row {
  log: string;
  index: number;
  record: { tool?: { use_id?: string } };
}

export interface Visible {
  /** Of `performance.now()`. */
  at: number;
  path: string;
}

/** Takes note of every tool call of a session by its `tool.use_id` until it is stopped. */
export class Seen {
  readonly #by = new Map<string, Visible>();
  readonly #stop = new AbortController();

  /** Resolves when the stream has begun. */
  async follow({ api, token }: Running, session: string): Promise<void> {
    const answer = await fetch(`${api}/v1/tail?kind=tool.call&session=${session}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: this.#stop.signal,
    });
    if (answer.status !== 200) throw new Error(`tail: ${answer.status}`);
    const lines = answer.body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    let text = String((await lines.next()).value);
    void (async () => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) return;
        text = this.#take(text + value);
      }
    })().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error;
    });
  }

  stop(): void {
    this.#stop.abort();
  }

  /** When the tail had it; throws when that takes longer than `LATE_MS`. */
  async until(id: string): Promise<Visible> {
    const late = performance.now() + LATE_MS;
    for (let row = this.#by.get(id); ; row = this.#by.get(id)) {
      if (row !== undefined) return row;
      if (performance.now() > late) throw new Error(`${id} was never shown`);
      await sleep(1);
    }
  }

  /** Returns what follows the last whole line. */
  #take(text: string): string {
    const at = performance.now();
    const lines = text.split('\n');
    const rest = lines.pop()!;
    for (const line of lines) {
      const id = line.startsWith(DATA) ? /"use_id":"([^"]+)"/.exec(line)?.[1] : undefined;
      if (id === undefined) continue;
      const { log, index } = JSON.parse(line.slice(DATA.length)) as Row;
      this.#by.set(id, { at, path: `/v1/events/${log}/${index}` });
    }
    return rest;
  }
}

/** Registers a sandbox whose relay listens on `socket`. */
export async function registerSandbox(
  { api, token }: Running,
  session: string,
  relay: { socket: string; mac_key: string },
): Promise<void> {
  const answer = await fetch(`${api}/v1/sandboxes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      session,
      description: { runtime: 'container', host: { name: 'bench' } },
      relay: { ...relay, standing: 'guest' },
    }),
  });
  if (answer.status !== 201) throw new Error(`${session}: ${answer.status} ${await answer.text()}`);
}

/** The value below which `share` of the sorted figures lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1]!;
}
