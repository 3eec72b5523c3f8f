/**
 * Reads a page of one chain from the spool: what a pull carries.
 */
import { RelayError } from '../error.ts';
import type { Extent, SpoolChain } from './chain.ts';
import { readFrame, type StoredRecord } from './frame.ts';
import { readBytes } from './segment.ts';

export interface PageLimits {
  /** Of frames; one record comes even if it alone has more. */
  bytesMax: number;
  recordsMax: number;
}

/**
 * Records behind `after`, in order and without a hole. Throws EVICTED when the next one is not in
 * the spool any more, SPOOL_UNREADABLE when the disk fails.
 */
export function readPage(chain: SpoolChain, after: number, limits: PageLimits): StoredRecord[] {
  const records: StoredRecord[] = [];
  let expected = after + 1;
  let bytes = 0;
  for (const extent of chain.extents) {
    if (extent.last < expected) continue;
    if (extent.first > expected) {
      if (records.length > 0) break;
      throw new Evicted(chain.name, expected, extent.first - 1);
    }
    for (const { record, size } of framesOf(chain, extent, expected)) {
      bytes += size;
      if (records.length > 0 && bytes > limits.bytesMax) return records;
      records.push(record);
      if (records.length >= limits.recordsMax) return records;
    }
    expected = extent.last + 1;
  }
  if (expected < chain.next && records.length === 0) {
    throw new Evicted(chain.name, expected, chain.next - 1);
  }
  return records;
}

/** What was lost is named, so that the puller can say so and go on behind it. */
export class Evicted extends RelayError {
  readonly chain: string;
  readonly lost: { from: number; to: number };

  constructor(chain: string, from: number, to: number) {
    const message = `${chain}: ${from} to ${to} are not in the spool any more`;
    super('EVICTED', message, 'they were acknowledged before, or a disk lost them');
    this.chain = chain;
    this.lost = { from, to };
  }
}

function* framesOf(chain: SpoolChain, extent: Extent, from: number) {
  const { segment, start, end, last } = extent;
  const bytes = readBytes(segment, start, end);
  let at = 0;
  let seen = extent.first - 1;
  while (seen < last) {
    const read = readFrame(bytes, at);
    if (read === undefined) {
      const message = `${segment.path}: seq ${seen + 1} of ${chain.name} cannot be read`;
      throw new RelayError('SPOOL_UNREADABLE', message, 'the disk has changed what was written');
    }
    const { frame, next } = read;
    const size = next - at;
    at = next;
    if (frame.kind !== 'record' || frame.record.slot !== chain.slot) continue;
    seen = frame.record.seq;
    if (seen >= from && seen <= last) yield { record: frame.record, size };
  }
}
