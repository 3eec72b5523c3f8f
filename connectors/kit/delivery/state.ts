/**
 * Where a connector stands, in one small file: the cursor, what was settled ahead of it, and the
 * outcomes that still lack their receipt. Replaced whole, so it is one moment or the one before.
 */
import { readFile } from 'node:fs/promises';
import { DELIVERY_WINDOW_ALERTS_MAX } from '@vitrine/schema';
import { z } from 'zod';
import { ConnectorError, systemCode } from '../error.ts';
import type { ReceiptAlert } from './contract.ts';
import { replaceFile } from './durable.ts';

export interface DeliveryPosition {
  /** Of the log whose indices these are; empty when the source does not say. */
  origin: string;
  /** Every alert up to this index is settled. */
  cursor: number;
  /** Indices beyond the cursor that are settled as well. */
  ahead: number[];
  receipts: ReceiptAlert[];
  /** A person's pause. */
  held?: Held | undefined;
}

export interface Held {
  reason: string;
  /** Unix nanoseconds, decimal text. */
  at: string;
}

const index = z.number().int().min(0);
const schema = z.strictObject({
  v: z.literal(1),
  origin: z.string(),
  cursor: z.number().int().min(-1),
  ahead: z.array(index).max(DELIVERY_WINDOW_ALERTS_MAX),
  // Some more than `RECEIPT_WAITING_MAX` when much was under way: none is a reason not to start.
  receipts: z.array(
    z.strictObject({
      id: z.string(),
      index,
      leaf: z.string(),
      outcome: z.enum(['delivered', 'dead']),
      answer: z.string(),
      at: z.string(),
    }),
  ),
  held: z.strictObject({ reason: z.string(), at: z.string() }).optional(),
});

/** `undefined` before the first start. Throws DELIVERY_STATE_CORRUPT. */
export async function readPosition(path: string): Promise<DeliveryPosition | undefined> {
  try {
    const { v: _, ...position } = schema.parse(JSON.parse(await readFile(path, 'utf8')));
    return position;
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    const hint = 'restore the file; without it the connector begins where `start` says';
    const message = `${path} is not a delivery position`;
    throw new ConnectorError('DELIVERY_STATE_CORRUPT', message, hint, { cause });
  }
}

/** Writes the position as it is when the disk is free; waiting saves share one write. */
export class PositionFile {
  readonly #path: string;
  readonly #snapshot: () => DeliveryPosition;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(path: string, snapshot: () => DeliveryPosition) {
    this.#path = path;
    this.#snapshot = snapshot;
  }

  /** Durable when it resolves, with everything that was settled before the call. */
  save(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  #start(): Promise<void> {
    const text = JSON.stringify({ v: 1, ...this.#snapshot() });
    this.#running = replaceFile(this.#path, `${text}\n`).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }
}
