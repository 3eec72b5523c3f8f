/**
 * The shim's side of the addon's socket: says what the addon needs to know, reads its lines, and
 * answers with the number of each line whose events are on disk. A socket, and not an environment,
 * so that the fingerprint key is in no list of processes.
 */
import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { EGRESS_AUDIT_MS_MAX, MITMPROXY_ADDONS_MAX, TOKEN_SHAPES } from '@vitrine/schema';
import type { AdapterCounts, AdapterSettings } from '../adapter/adapter.ts';
import { newCounts } from '../adapter/adapter.ts';
import { Feed } from '../adapter/feed.ts';
import { CREDENTIAL_HEADERS, CREDENTIAL_QUERY_KEYS } from '../egress/credential.ts';
import { CATALOGUE } from '../egress/function.ts';
import { nowNanos } from '../send/event.ts';
import type { Outbox } from '../send/outbox.ts';
import { MitmproxyAdapter } from './adapter.ts';
import { LINE_VERSION } from './line.ts';

/** What an addon gets to say its last words. */
const LINGER_MS = 2_000;

export interface AddonOptions {
  /** 32 bytes as hex, or none: then credentials are seen and not fingerprinted. */
  key: string | undefined;
  settings: AdapterSettings;
  outbox: Outbox;
  /** Called when the first addon has said hello. */
  onStarted: (versions: Record<string, string>) => void;
}

export class AddonSocket {
  readonly #options: AddonOptions;
  readonly #server: Server;
  readonly #adapters = new Set<MitmproxyAdapter>();
  readonly #sockets = new Map<Socket, Promise<void>>();
  readonly #gone = newCounts();
  #started = false;

  constructor(options: AddonOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      const served = this.#serve(socket);
      this.#sockets.set(socket, served);
      void served.finally(() => this.#sockets.delete(socket));
    });
    this.#server.maxConnections = MITMPROXY_ADDONS_MAX;
  }

  /** Of all addons there were. */
  get counts(): AdapterCounts {
    const all = { ...this.#gone };
    for (const { counts } of this.#adapters) addTo(all, counts);
    return all;
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
  }

  /** Reads what has been sent, and ends; an addon that stands still is not waited for. */
  async close(): Promise<void> {
    this.#server.close();
    const sockets = [...this.#sockets.keys()];
    for (const socket of sockets) socket.end();
    const late = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, LINGER_MS);
    await Promise.all(this.#sockets.values());
    clearTimeout(late);
  }

  async #serve(socket: Socket): Promise<void> {
    const { outbox, settings, onStarted } = this.#options;
    const adapter = new MitmproxyAdapter(settings);
    this.#adapters.add(adapter);
    const feed = new Feed({
      adapter,
      outbox,
      onDone: (frames) => void (socket.writable && socket.write(`${frames}\n`)),
      onStarted: () => {
        if (!this.#started) onStarted(adapter.versions);
        this.#started = true;
      },
    });
    socket.write(`${JSON.stringify(this.#greeting())}\n`);
    // A socket that breaks is one that has ended: what it sent is read, and its silence is told.
    await feed.read({ stream: socket, framing: 'lines' }).catch(() => {});
    feed.end();
    if (adapter.started && !adapter.saidBye) this.#lost();
    socket.destroy();
    this.#adapters.delete(adapter);
    addTo(this.#gone, adapter.counts);
  }

  #greeting(): Record<string, unknown> {
    return {
      v: LINE_VERSION,
      key: this.#options.key ?? null,
      ack_ms: EGRESS_AUDIT_MS_MAX,
      credential_headers: CREDENTIAL_HEADERS,
      credential_query: CREDENTIAL_QUERY_KEYS.map(({ source }) => source),
      token_shapes: TOKEN_SHAPES,
      fetch: CATALOGUE.fetch,
    };
  }

  #lost(): void {
    const attributes = { reason: 'the addon went away without a word', count: 0 };
    this.#options.outbox.add({ kind: 'telemetry.drop', t: nowNanos(), attributes }).catch(() => {});
  }
}

function addTo(sum: AdapterCounts, counts: Readonly<AdapterCounts>): void {
  for (const [name, value] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + value;
}
