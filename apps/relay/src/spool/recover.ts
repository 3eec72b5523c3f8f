/**
 * Reads a spool as a crash may have left it. Every whole frame counts; a torn tail was never
 * acknowledged and is cut; damage in the middle becomes holes, which the chains report.
 */
import { mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { leafHash } from '@vitrine/chain';
import { isObject, isVantage, type Json, type JsonObject } from '@vitrine/schema';
import type { ShimMark } from '../chain/shims.ts';
import { RelayError, systemCode } from '../error.ts';
import { readState, type SpoolChain } from './chain.ts';
import { readFrame, type StoredRecord } from './frame.ts';
import { listSegments, type Segment, syncPath } from './segment.ts';

export interface Recovered {
  segments: Segment[];
  chains: SpoolChain[];
  shims: ShimMark[];
  /** Bytes cut off the last segment. */
  tornBytes: number;
}

/** Makes the directory where there is none. Throws SPOOL_UNREADABLE. */
export function recoverSpool(dir: string, log: (line: string) => void): Recovered {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return recover(dir, log);
  } catch (cause) {
    const message = `cannot read the spool in ${dir} (${systemCode(cause) ?? 'unknown'})`;
    throw new RelayError('SPOOL_UNREADABLE', message, 'check the directory and its owner', {
      cause,
    });
  }
}

function recover(dir: string, log: (line: string) => void): Recovered {
  const scan = new Scan();
  const segments = listSegments(dir);
  let tornBytes = 0;
  for (const [i, segment] of segments.entries()) {
    const bytes = readFileSync(segment.path);
    const whole = scan.segment(segment, bytes);
    const rest = bytes.length - whole;
    segment.bytes = bytes.length;
    if (rest === 0) continue;
    if (i + 1 < segments.length) {
      log(`spool: ${segment.path} is damaged at byte ${whole}; ${rest} bytes cannot be read`);
      continue;
    }
    truncateSync(segment.path, whole);
    segment.bytes = whole;
    tornBytes = rest;
    log(`spool: cut ${rest} torn bytes off ${segment.path}`);
  }
  // A process that was killed has left answered frames with the kernel, also in a segment that it
  // had given up: they can be pulled now.
  for (const { path } of segments) syncPath(path);
  return { segments, chains: scan.begun(), shims: [...scan.shims.values()], tornBytes };
}

class Scan {
  readonly shims = new Map<number, ShimMark>();
  #chains = new Map<number, SpoolChain>();

  /** A chain whose first record never became durable does not exist. */
  begun(): SpoolChain[] {
    const chains = [...this.#chains.values()].filter((chain) => chain.next > 0);
    for (const chain of chains) {
      chain.ackedDurable = chain.acked;
      // Which of them the process before delivered is not known: an ack of any of them is good.
      chain.delivered = chain.next - 1;
    }
    return chains;
  }

  /** Returns the bytes up to which frames are whole. */
  segment(segment: Segment, bytes: Buffer): number {
    const tips = new Map<SpoolChain, Buffer>();
    let at = 0;
    for (let read = readFrame(bytes, at); read !== undefined; read = readFrame(bytes, at)) {
      const { frame, next } = read;
      if (frame.kind === 'record') {
        const chain = this.#record(segment, frame.record, at, next);
        if (chain !== undefined) tips.set(chain, frame.record.bytes);
      } else if (frame.kind === 'state') {
        this.#state(frame.body);
      } else if (frame.kind === 'ack') {
        this.#chains.get(Number(frame.body.slot))?.acknowledge(Number(frame.body.seq));
      } else {
        this.#shim(frame.body);
      }
      at = next;
    }
    for (const [chain, tip] of tips) chain.head = leafHash(tip);
    return at;
  }

  #record(segment: Segment, record: StoredRecord, start: number, end: number) {
    const { slot, seq, shim, shimLast } = record;
    const chain = this.#chains.get(slot);
    if (chain === undefined) return undefined;
    chain.append({ segment, start, end, first: seq, last: seq });
    chain.acknowledge(chain.acked);
    if (seq === 0) chain.first = leafHash(record.bytes);
    segment.lasts.set(slot, seq);
    const known = this.shims.get(shim);
    if (known !== undefined) known.last = shimLast;
    return chain;
  }

  /** A state replaces what was known: a chain it does not list is done. */
  #state(body: JsonObject): void {
    const listed = objects(body.chains).map((state) => readState(state, this.#chains));
    this.#chains = new Map(listed.flatMap((chain) => (chain ? [[chain.slot, chain]] : [])));
    for (const shim of objects(body.shims)) this.#shim(shim);
  }

  #shim({ id, vantage, name, last }: JsonObject): void {
    if (typeof id !== 'number' || !isVantage(vantage) || typeof name !== 'string') return;
    const seen = typeof last === 'number' ? last : -1;
    this.shims.set(id, { id, vantage, name, last: seen, declared: true, records: 0, seenNs: 0n });
  }
}

function objects(list: Json | undefined): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
