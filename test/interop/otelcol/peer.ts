/**
 * A real OpenTelemetry Collector as a process: built by hand from `builder.yaml`, told what to do
 * by a configuration that is written for it, and killed as one is that has failed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY = 'Everything is ready';
const READY_MS_MAX = 60_000;
const POLL_MS = 50;
const SAID_CHARS = 4_000;

export class Peer {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  #said = '';
  #hasEnded = false;

  private constructor(binary: string, config: string) {
    this.#child = spawn(binary, ['--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-SAID_CHARS);
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', () => {
        this.#hasEnded = true;
        resolve();
      });
    });
  }

  /** `config` is YAML, which JSON is as well. Resolves when it takes data. */
  static async start(binary: string, dir: string, config: object): Promise<Peer> {
    mkdirSync(dir, { recursive: true });
    const file = join(dir, 'otelcol.yaml');
    writeFileSync(file, JSON.stringify(config));
    const peer = new Peer(binary, file);
    const deadline = performance.now() + READY_MS_MAX;
    while (!peer.#said.includes(READY)) {
      if (peer.#hasEnded || performance.now() > deadline) throw new Error(peer.#said);
      await sleep(POLL_MS);
    }
    return peer;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!this.#hasEnded) this.#child.kill(signal);
    await this.exited;
  }
}

/** A queue that a kill leaves whole: what the Collector has acknowledged is on disk. */
export function durableQueue(dir: string) {
  return { directory: dir, create_directory: true, fsync: true };
}

/** What it says of itself: lines about its work, no metrics. */
export const TELEMETRY = { metrics: { level: 'none' }, logs: { level: 'info' } };
