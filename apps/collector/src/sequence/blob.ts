/**
 * A batch as bytes: what the intent names and recovery reads back. Every field of every row is in
 * it, so that a redo writes the same rows.
 */
import type { Json, JsonObject } from '@vitrine/schema';
import type { Batch, BatchRow } from './plan.ts';

const HEADER_LENGTH_BYTES = 4;
const HASH_BYTES = 32;

export function encodeBatch(batch: Batch): Buffer {
  const blobs: Buffer[] = [];
  const keep = (bytes: Buffer): number => {
    blobs.push(bytes);
    return bytes.length;
  };
  const header = {
    log: batch.log,
    first: batch.first,
    size: batch.size,
    root: keep(batch.root),
    rows: batch.rows.map((row) => ({
      session: row.session,
      shim: row.shim,
      seq: row.seq,
      provenance: row.provenance,
      bytes: keep(row.bytes),
      leaf: keep(row.leaf),
      parts: row.parts.map((p) => ({ name: p.name, salt: keep(p.salt), data: keep(p.data) })),
    })),
    tiles: batch.tiles.map((t) => ({ level: t.level, n: t.n, hashes: keep(t.hashes) })),
  };
  const headerBytes = Buffer.from(JSON.stringify(header), 'utf8');
  const length = Buffer.allocUnsafe(HEADER_LENGTH_BYTES);
  length.writeUInt32LE(headerBytes.length, 0);
  return Buffer.concat([length, headerBytes, ...blobs]);
}

export function decodeBatch(bytes: Buffer): Batch {
  let at = HEADER_LENGTH_BYTES + bytes.readUInt32LE(0);
  const header = JSON.parse(bytes.toString('utf8', HEADER_LENGTH_BYTES, at)) as JsonObject;
  const take = (length: Json | undefined): Buffer => {
    const end = at + Number(length);
    const blob = bytes.subarray(at, end);
    at = end;
    return blob;
  };
  const root = take(HASH_BYTES);
  const rows = (header.rows as JsonObject[]).map((row) => ({
    session: row.session,
    shim: row.shim,
    seq: row.seq,
    provenance: row.provenance,
    bytes: take(row.bytes),
    leaf: take(row.leaf),
    parts: (row.parts as JsonObject[]).map((p) => ({
      name: p.name,
      salt: take(p.salt),
      data: take(p.data),
    })),
  })) as unknown as BatchRow[];
  const tiles = (header.tiles as JsonObject[]).map((t) => ({
    level: Number(t.level),
    n: Number(t.n),
    hashes: take(t.hashes),
  }));
  return {
    log: String(header.log),
    first: Number(header.first),
    size: Number(header.size),
    root,
    rows,
    tiles,
  };
}
