/**
 * Reads a page of one chain from the spool: what a pull carries.
 */
import { RelayError } from '../error.ts';
import type { Extent, SpoolChain } from './chain.ts';
import { RecordCursor } from './frame.ts';
import { readBytes } from './segment.ts';

export interface PageLimits {
  /** Of frames; one record comes even if it alone has more. */
  bytesMax: number;
  recordsMax: number;
}

export interface PageRecord {
  seq: number;
  /** The OTLP log record: a view, good until the next commit begins. */
  log: Buffer;
}

/**
 * Records behind `after`, in order and without a hole. Throws EVICTED when the next one is not in
 * the spool any more, SPOOL_UNREADABLE when the disk fails.
 */
export function readPage(chain: SpoolChain, after: number, limits: PageLimits): PageRecord[] {
  const page = new Page(limits);
  const written = chain.justWritten(after + 1);
  if (written !== undefined) {
    const { bytes, start, end, last } = written;
    page.add(new RecordCursor(bytes, start, end, true), chain, after + 1, last);
    return page.records;
  }
  let expected = after + 1;
  for (const extent of chain.extents) {
    if (extent.last < expected) continue;
    if (extent.first > expected) {
      if (page.records.length > 0) break;
      throw new Evicted(chain.name, expected, extent.first - 1);
    }
    if (!addExtent(page, chain, extent, expected)) return page.records;
    expected = extent.last + 1;
  }
  if (expected < chain.next && page.records.length === 0) {
    throw new Evicted(chain.name, expected, chain.next - 1);
  }
  return page.records;
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

class Page {
  readonly records: PageRecord[] = [];
  readonly #limits: PageLimits;
  #bytes = 0;
  /** The last record of the chain that was come across. */
  seen = -1;

  constructor(limits: PageLimits) {
    this.#limits = limits;
  }

  /** Adds `from` to `last`; false when the page is full. */
  add(cursor: RecordCursor, chain: SpoolChain, from: number, last: number): boolean {
    const { bytesMax, recordsMax } = this.#limits;
    while (this.seen < last && cursor.next()) {
      if (cursor.slot !== chain.slot) continue;
      const { seq } = cursor;
      this.seen = seq;
      if (seq < from || seq > last) continue;
      this.#bytes += cursor.size;
      if (this.records.length > 0 && this.#bytes > bytesMax) return false;
      this.records.push({ seq, log: cursor.log });
      if (this.records.length >= recordsMax) return false;
    }
    return true;
  }
}

function addExtent(page: Page, chain: SpoolChain, extent: Extent, from: number): boolean {
  const { segment, start, end, first, last } = extent;
  const bytes = readBytes(segment, start, end);
  page.seen = first - 1;
  if (!page.add(new RecordCursor(bytes, 0, bytes.length, false), chain, from, last)) return false;
  if (page.seen >= last) return true;
  const message = `${segment.path}: seq ${page.seen + 1} of ${chain.name} cannot be read`;
  throw new RelayError('SPOOL_UNREADABLE', message, 'the disk has changed what was written');
}
