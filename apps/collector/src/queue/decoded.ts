/**
 * What admission decoded of a request, for the sequencer not to decode it again: kept beside the
 * entry in memory and nowhere else. After a restart, or when much waits, there is none.
 */
import { type decodeExport, QUEUE_DECODED_BYTES_MAX } from '@vitrine/schema';
import type { PushEntry } from './entry.ts';

type Decoded = ReturnType<typeof decodeExport>;

const decoded = new WeakMap<PushEntry, Decoded>();

/** `waitingBytes`: of the queue; decoded requests take several times their bytes. */
export function keepDecoded(entry: PushEntry, exported: Decoded, waitingBytes: number): void {
  if (waitingBytes + entry.body.length <= QUEUE_DECODED_BYTES_MAX) decoded.set(entry, exported);
}

/** Of its records, where it is kept. */
export function decodedCount(entry: PushEntry): number | undefined {
  return decoded.get(entry)?.count;
}

/** Once: what is made of it may use its parts. */
export function takeDecoded(entry: PushEntry): Decoded | undefined {
  const exported = decoded.get(entry);
  decoded.delete(entry);
  return exported;
}
