/**
 * One pulled page as records with their parts, checked: the MAC of each, and that each links to the
 * one before by the very function the verifier uses (LOG.md §2).
 */
import {
  type AdmittedRecord,
  admitRecord,
  ChainError,
  partCommitment,
  sha256,
} from '@vitrine/chain';
import {
  type AttributeValue,
  decodeLogsRequest,
  type IncomingLog,
  type JsonObject,
  PART_SALT_BYTES,
} from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import type { QueuedPart } from '../queue/entry.ts';
import type { Ratchet } from './ratchet.ts';

export interface PageRecord {
  bytes: Buffer;
  parts: QueuedPart[];
  mac: Uint8Array;
}

/** Where a chain stands for its puller. */
export interface ChainTip {
  seq: number;
  head: Buffer;
}

/** Why a page does not continue its chain: the members of a `broken` record. */
export interface Break {
  expected: JsonObject;
  came: JsonObject;
  reason: string;
  /** Records before it that are good. */
  good: number;
}

/** Reads the OTLP of a page; throws RELAY_INVALID for anything a relay would not send. */
export function readPage(body: Buffer): PageRecord[] {
  let logs: IncomingLog[];
  try {
    logs = decodeLogsRequest(body);
  } catch (cause) {
    throw new CollectorError('RELAY_INVALID', 'the page is no OTLP', '', { cause });
  }
  return logs.map((log) => {
    if (!(log.body instanceof Uint8Array)) {
      throw new CollectorError('RELAY_INVALID', 'a record of the page has no bytes');
    }
    const mac = log.attributes['vitrine.mac'];
    return {
      bytes: Buffer.from(log.body),
      parts: readParts(log.attributes['vitrine.parts']),
      mac: mac instanceof Uint8Array ? mac : new Uint8Array(),
    };
  });
}

function readParts(value: AttributeValue | undefined): QueuedPart[] {
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    if (!isMap(part)) return [];
    const { salt, data } = part;
    if (!(salt instanceof Uint8Array) || !(data instanceof Uint8Array)) return [];
    if (salt.length !== PART_SALT_BYTES) return [];
    return [{ name, salt: Buffer.from(salt), data: Buffer.from(data) }];
  });
}

function isMap(value: AttributeValue | undefined): value is { [key: string]: AttributeValue } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}

/** Follows the chain over a page; moves `tip` over what is good, and says where it breaks. */
export function followPage(
  chain: string,
  tip: ChainTip,
  ratchet: Ratchet,
  records: PageRecord[],
): Break | null {
  for (const [good, record] of records.entries()) {
    const place = { chain, seq: tip.seq + 1, prev: tip.head };
    const expected = { seq: place.seq, prev: place.prev.toString('base64') };
    const came = { hash: sha256(record.bytes).toString('base64'), bytes: record.bytes.length };
    let admitted: AdmittedRecord;
    try {
      admitted = admitRecord(place, record.bytes);
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      return { expected, came, reason: error.message, good };
    }
    if (!ratchet.verify(place.seq, record.bytes, record.mac)) {
      return { expected, came, reason: 'the frame MAC does not verify', good };
    }
    const foreign = record.parts.find((part) => !isCommitted(admitted, part));
    if (foreign !== undefined) {
      return { expected, came, reason: `part ${foreign.name} is not what was committed to`, good };
    }
    tip.seq = place.seq;
    tip.head = admitted.leaf;
  }
  return null;
}

function isCommitted({ record }: AdmittedRecord, { name, salt, data }: QueuedPart): boolean {
  return record.parts[name] === partCommitment(salt, data).toString('base64');
}
