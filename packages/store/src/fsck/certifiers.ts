/**
 * Threads that certify windows while others are read and merged. A thread that cannot start, or
 * dies, certifies nothing of what it had: that is judged row by row, and this thread does the rest.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Certificate, RawWindow } from './certificate.ts';
import { certify } from './certify.ts';

const THREADS_MAX = 3;
const THREAD = new URL('./certify-thread.ts', import.meta.url);

/** One core is left to the engine and to whoever merges. */
export function threadsFree(): number {
  return Math.min(availableParallelism() - 1, THREADS_MAX);
}

type Answer = (certificates: Certificate[]) => void;

interface Thread {
  worker: Worker;
  /** Who waits, in the order in which windows were handed over. */
  waiting: Answer[];
}

export class Certifiers {
  /** Windows that may be in memory at once: each thread's, one being read, one being merged. */
  readonly windowsMax: number;
  readonly #threads = new Set<Thread>();

  constructor(threads: number, file: URL = THREAD) {
    this.windowsMax = threads + 2;
    for (let i = 0; i < threads; i++) this.#start(file);
  }

  /** Takes the window's bytes away. */
  async certify(window: RawWindow): Promise<Certificate[]> {
    const [thread] = [...this.#threads].sort((a, b) => a.waiting.length - b.waiting.length);
    if (thread === undefined) return certify(window);
    const records = ownBytes(window.records);
    const parts = ownBytes(window.parts);
    return new Promise((resolve) => {
      thread.waiting.push(resolve);
      thread.worker.postMessage({ ...window, records, parts }, [records.buffer, parts.buffer]);
    });
  }

  async close(): Promise<void> {
    const workers = [...this.#threads].map(({ worker }) => worker);
    this.#threads.clear();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #start(file: URL): void {
    const worker = new Worker(file, { name: 'fsck' });
    const thread: Thread = { worker, waiting: [] };
    this.#threads.add(thread);
    worker.on('message', (certificates: Certificate[]) => thread.waiting.shift()!(certificates));
    // It ends after an error; without a listener the error would be this thread's.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.#threads.delete(thread);
      for (const answer of thread.waiting) answer([]);
    });
  }
}

/** Bytes that can be handed over: small buffers share theirs with others. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const whole = buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength;
  return whole ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
