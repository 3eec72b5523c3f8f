/**
 * What may stand in the queue, and its bytes. An entry is a header in JSON and the binary fields
 * behind it, so that raw input is kept as it came: `u32 header length | header | blobs`.
 */
import type { Json, JsonObject, SandboxDescription, Vantage } from '@vitrine/schema';

/** A part as it travels beside its record. */
export interface QueuedPart {
  name: string;
  salt: Buffer;
  data: Buffer;
}

/** Linked records of one chain, pulled from a relay and verified at the pull. */
export interface PageEntry {
  kind: 'page';
  session: string;
  chain: string;
  vantage: Vantage;
  via: string;
  peer: string;
  sandbox: string;
  /** Host clock at receipt, unix nanoseconds. */
  observed: string;
  records: { bytes: Buffer; parts: QueuedPart[] }[];
  /** What came after a break: kept, and never believed again. */
  stray?: true;
}

/** A chain that stopped linking: what was expected, what came, and the bytes that came. */
export interface BrokenEntry {
  kind: 'broken';
  session: string;
  chain: string;
  vantage: Vantage;
  via: string;
  peer: string;
  sandbox: string;
  observed: string;
  expected: JsonObject;
  came: JsonObject;
  /** Why it does not link, in a sentence. */
  reason: string;
  strays: Buffer[];
}

/** One request of a source without a relay, as its bytes were after decompression. */
export interface PushEntry {
  kind: 'push';
  principal: string;
  /** `hook`: one hook of Claude Code, in JSON; the others are OTLP. */
  signal: 'logs' | 'traces' | 'metrics' | 'hook';
  contentType: 'protobuf' | 'json';
  observed: string;
  peer: string;
  /** SHA-256 of the request body, hex. */
  hash: string;
  body: Buffer;
}

/** The runtime announced a sandbox: becomes `open`. */
export interface OpenEntry {
  kind: 'open';
  session: string;
  /** The name as it was given, where that does not fit the alphabet (LOG.md §1). */
  original?: string;
  observed: string;
  description: SandboxDescription;
}

/** A chain takes nothing more: becomes `end`. `seq` and `head` are what the puller last held. */
export interface EndEntry {
  kind: 'end';
  session: string;
  chain: string;
  state: 'closed' | 'lost';
  reason: string;
  observed: string;
}

/** The session is over: becomes `close`, after an `end` for every chain. */
export interface CloseEntry {
  kind: 'close';
  session: string;
  reason: 'runtime' | 'end' | 'idle';
  observed: string;
}

/** A record of one of the log's own chains; of `log/alert` what people do, never an alert. */
export interface OwnEntry {
  kind: 'own';
  chain: 'alert' | 'audit' | 'receipt';
  record: string;
  observed: string;
  fields: JsonObject;
  /** Texts that the record commits to. */
  parts?: Record<string, string>;
}

export type Entry =
  | PageEntry
  | BrokenEntry
  | PushEntry
  | OpenEntry
  | EndEntry
  | CloseEntry
  | OwnEntry;

const HEADER_LENGTH_BYTES = 4;

export function encodeEntry(entry: Entry): Buffer {
  return Buffer.concat(entryPieces(entry));
}

/** The same in pieces: the raw input is not copied. */
export function entryPieces(entry: Entry): Buffer[] {
  const blobs: Buffer[] = [];
  const blob = (bytes: Buffer): number => {
    blobs.push(bytes);
    return bytes.length;
  };
  const header = JSON.stringify(withoutBlobs(entry, blob));
  const headerBytes = Buffer.from(header, 'utf8');
  const length = Buffer.allocUnsafe(HEADER_LENGTH_BYTES);
  length.writeUInt32LE(headerBytes.length, 0);
  return [length, headerBytes, ...blobs];
}

/** Reads what `encodeEntry` wrote; the frame's checksum has been checked before. */
export function decodeEntry(bytes: Buffer): Entry {
  const headerLength = bytes.readUInt32LE(0);
  let at = HEADER_LENGTH_BYTES + headerLength;
  const header = JSON.parse(bytes.toString('utf8', HEADER_LENGTH_BYTES, at)) as JsonObject;
  const take = (length: Json | undefined): Buffer => {
    const end = at + Number(length);
    const blob = bytes.subarray(at, end);
    at = end;
    return blob;
  };
  return withBlobs(header, take) as unknown as Entry;
}

function withoutBlobs(entry: Entry, blob: (bytes: Buffer) => number): JsonObject {
  switch (entry.kind) {
    case 'page': {
      const records = entry.records.map((r) => ({
        bytes: blob(r.bytes),
        parts: r.parts.map((p) => ({ name: p.name, salt: blob(p.salt), data: blob(p.data) })),
      }));
      return { ...entry, records };
    }
    case 'broken':
      return { ...entry, strays: entry.strays.map(blob) };
    case 'push':
      return { ...entry, body: blob(entry.body) };
    default:
      return entry as unknown as JsonObject;
  }
}

function withBlobs(header: JsonObject, take: (length: Json | undefined) => Buffer): object {
  switch (header.kind) {
    case 'page': {
      const records = (header.records as JsonObject[]).map((r) => ({
        bytes: take(r.bytes),
        parts: (r.parts as JsonObject[]).map((p) => ({
          name: p.name,
          salt: take(p.salt),
          data: take(p.data),
        })),
      }));
      return { ...header, records };
    }
    case 'broken':
      return { ...header, strays: (header.strays as Json[]).map(take) };
    case 'push':
      return { ...header, body: take(header.body) };
    default:
      return header;
  }
}
