/**
 * What this collector counts and times while it works, in Prometheus terms. Each owner of a step
 * reports to it; `render.ts` adds what can be read off the system at the moment of the question.
 */
import type { Tracer } from '@opentelemetry/api';
import type { Signal } from '@vitrine/schema';
import { Counter, Histogram, Registry } from 'prom-client';
import { tellSpan } from '../telemetry.ts';

export type Transport = 'http' | 'grpc';

/** One batch from its plan to its publication; times in seconds. */
export interface BatchFigures {
  records: number;
  /** Of the queue entries in it. */
  bytes: number;
  sealSeconds: number;
  commitSeconds: number;
  /** How long its oldest input had been durable by then; `undefined` of an idle seal. */
  waitedSeconds: number | undefined;
}

/** Around the budgets: an answer in 100 to 300 ms, a seal in 15 ms, visible in a second. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10];
const RECORDS = [1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000, 20_000];
const KIB = 1_024;
const BYTES = [KIB, 16 * KIB, 128 * KIB, 512 * KIB, KIB ** 2, 4 * KIB ** 2, 16 * KIB ** 2];

export class Figures {
  readonly registry = new Registry();
  readonly #ack: Histogram<'transport' | 'signal'>;
  readonly #records: Counter<'transport' | 'signal'>;
  readonly #refused: Counter<'transport' | 'code'>;
  readonly #seal: Histogram;
  readonly #commit: Histogram;
  readonly #visible: Histogram;
  readonly #batchRecords: Histogram;
  readonly #batchBytes: Histogram;
  readonly #retries: Counter;

  readonly #tracer: Tracer | undefined;

  constructor(tracer?: Tracer) {
    this.#tracer = tracer;
    const registers = [this.registry];
    const seconds = (name: string, help: string): Histogram =>
      new Histogram({ name, help, buckets: SECONDS, registers });
    const labelNames = ['transport', 'signal'] as const;
    this.#ack = new Histogram({
      ...{ name: 'vitrine_ack_seconds', buckets: SECONDS, labelNames, registers },
      help: 'From the head of a request to the answer that says it is durable.',
    });
    this.#records = new Counter({
      ...{ name: 'vitrine_accepted_records_total', labelNames, registers },
      help: 'Records of requests that were acknowledged, repeats included.',
    });
    this.#refused = new Counter({
      ...{ name: 'vitrine_refused_requests_total', labelNames: ['transport', 'code'], registers },
      help: 'Requests of senders that were refused, by the code of the error table.',
    });
    this.#seal = seconds('vitrine_seal_seconds', 'To lay out a batch and seal it.');
    this.#commit = seconds('vitrine_commit_seconds', 'From the intent of a batch to its note.');
    this.#visible = seconds(
      'vitrine_visible_seconds',
      'Age of the oldest input of a batch when it could be queried.',
    );
    this.#batchRecords = new Histogram({
      ...{ name: 'vitrine_batch_records', buckets: RECORDS, registers },
      help: 'Records of a batch, its seal included.',
    });
    this.#batchBytes = new Histogram({
      ...{ name: 'vitrine_batch_input_bytes', buckets: BYTES, registers },
      help: 'Bytes of the queue entries of a batch.',
    });
    this.#retries = new Counter({
      ...{ name: 'vitrine_commit_retries_total', registers },
      help: 'Commits that failed and were tried again.',
    });
  }

  acknowledged(transport: Transport, signal: Signal | 'hook', records: number, ms: number): void {
    this.#ack.observe({ transport, signal }, ms / 1_000);
    this.#records.inc({ transport, signal }, records);
    const endMs = Date.now();
    const attributes = { transport, signal, records };
    const span = { name: 'acknowledge', startMs: endMs - ms, endMs, attributes };
    tellSpan(this.#tracer, span);
  }

  refused(transport: Transport, code: string): void {
    this.#refused.inc({ transport, code });
  }

  published(batch: BatchFigures): void {
    this.#seal.observe(batch.sealSeconds);
    this.#commit.observe(batch.commitSeconds);
    this.#batchRecords.observe(batch.records);
    this.#batchBytes.observe(batch.bytes);
    if (batch.waitedSeconds !== undefined) this.#visible.observe(batch.waitedSeconds);
    const endMs = Date.now();
    const committedMs = endMs - batch.commitSeconds * 1_000;
    const startMs = committedMs - batch.sealSeconds * 1_000;
    const { records, bytes } = batch;
    const whole = { name: 'batch', startMs, endMs, attributes: { records, bytes } };
    tellSpan(this.#tracer, whole, [
      { name: 'seal', startMs, endMs: committedMs, attributes: {} },
      { name: 'commit', startMs: committedMs, endMs, attributes: {} },
    ]);
  }

  retried(): void {
    this.#retries.inc();
  }
}
