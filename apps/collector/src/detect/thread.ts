/**
 * The thread of detection kept alive: one that dies is followed by another, ever later where none
 * gets anything done, and what is said about its health says so. Knows nothing of rows.
 */
import { Worker } from 'node:worker_threads';
import { DETECT_DEATHS_MAX, DETECT_RETRY_MS_MAX } from '@vitrine/schema';
import type { DetectionHealth } from '@vitrine/schema/api';
import type { WorkerReply, WorkerRequest } from './worker.ts';

const RETRY_MS_FIRST = 1_000;

export interface ThreadOptions {
  script: URL;
  /** Given to it, by tests. */
  data?: string | undefined;
  /** Before the first attempt to replace one; each that gets nothing done doubles it. */
  retryMs?: number | undefined;
  onReply: (reply: WorkerReply) => void;
  /** Another one stands ready and knows nothing. */
  onReplaced: () => void;
  print: (line: string) => void;
}

/** Buffers that are the thread's from then on. */
function handedOver(request: WorkerRequest): ArrayBuffer[] {
  if ('rows' in request) return [request.rows.bytes.buffer, request.rows.places.buffer];
  return request.type === 'restore' ? [request.state.buffer] : [];
}

export class DetectThread {
  readonly #options: ThreadOptions;
  #worker: Worker | undefined;
  #deaths = 0;
  /** Since it last got something done. */
  #inVain = 0;
  #lastError: string | null = null;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#worker = this.#start();
  }

  get health(): DetectionHealth {
    const restarting = this.#worker === undefined;
    const failing = this.#inVain >= DETECT_DEATHS_MAX;
    const state = failing ? 'failing' : restarting ? 'restarting' : 'running';
    return { state, deaths: this.#deaths, last_error: this.#lastError };
  }

  /** Which of the threads it is: work for an earlier one is void. */
  get generation(): number {
    return this.#deaths;
  }

  get isAlive(): boolean {
    return this.#worker !== undefined;
  }

  /** Lost where no thread lives: who sends begins anew when one does. */
  send(request: WorkerRequest): void {
    this.#worker?.postMessage(request, handedOver(request));
  }

  /** It has read on: whatever killed it before is past. */
  progressed(): void {
    this.#inVain = 0;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const { script, data, onReply, print } = this.#options;
    const worker = new Worker(script, { name: 'detect', workerData: data });
    worker.on('message', onReply);
    worker.on('error', (error: Error) => {
      this.#lastError = error.message;
      print(`detect: ${error.stack ?? error.message}`);
    });
    worker.on('exit', (code) => this.#died(code));
    return worker;
  }

  #died(code: number): void {
    this.#worker = undefined;
    if (this.#stopped) return;
    this.#deaths++;
    this.#inVain++;
    this.#lastError ??= `the thread ended with code ${code}`;
    const { retryMs = RETRY_MS_FIRST, print } = this.#options;
    const ms = Math.min(retryMs * 2 ** (this.#inVain - 1), DETECT_RETRY_MS_MAX);
    const often = this.#inVain < DETECT_DEATHS_MAX ? '' : `, ${this.#inVain} times in a row`;
    print(`detect: the thread has ended${often}; starting another one in ${ms / 1_000} s`);
    this.#retry = setTimeout(() => this.#replace(), ms).unref();
  }

  #replace(): void {
    if (this.#stopped) return;
    this.#worker = this.#start();
    this.#options.onReplaced();
  }
}
