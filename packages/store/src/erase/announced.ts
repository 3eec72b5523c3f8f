/**
 * What the log has said to be gone: `redact` and `expire` records of `log/audit` (LOG.md §3), and
 * where the leaves stand that a `redact` names. A record that names nothing announces nothing.
 */
import { type JsonObject, readPath } from '@vitrine/schema';
import { type Connection, LIST_ITEMS } from '../client/connection.ts';
import { parsedObject } from '../fsck/parsed.ts';
import { Condition } from '../query/condition.ts';

/** Part name of an `expire` that means all of them. */
export const EVERY_PART = '*';

export interface Redact {
  kind: 'redact';
  /** Leaf index of the record that says so. */
  idx: number;
  record: string;
  /** `session/shim` of the record whose part is gone. */
  chain: string;
  seq: number;
  part: string;
}

export interface Expire {
  kind: 'expire';
  idx: number;
  record: string;
  /** All leaves with a smaller index have lost the part. */
  below: number;
  /** A part's name, or `*`. */
  part: string;
}

export type Announced = Redact | Expire;

/** A leaf by its place in its chain. */
export interface ChainPlace {
  chain: string;
  seq: number;
}

export interface AnnouncedQuery {
  /** Only records with this index and later ones. */
  from?: number;
  /** Only what concerns this session; every `expire` does. */
  session?: string;
}

/** Announcements below the published `size`, by index. */
export async function announced(
  connection: Connection,
  log: string,
  size: number,
  { from = 0, session }: AnnouncedQuery = {},
): Promise<Announced[]> {
  const where = Condition.below(log, size)
    .and("session = 'log' AND shim = 'audit'")
    .and("kind IN ('redact', 'expire')")
    .and('idx >= {from:UInt64}', { from });
  if (session !== undefined) {
    const chain = "JSONExtractString(record, 'target', 'chain')";
    where.and(`(kind = 'expire' OR startsWith(${chain}, {chains:String}))`, {
      chains: `${session}/`,
    });
  }
  const rows = await connection.rows<{ idx: string; record: string }>(
    `SELECT idx, record FROM records WHERE ${where} ORDER BY idx LIMIT 1 BY idx`,
    where.params,
  );
  return rows
    .map(({ idx, record }) => announcedBy(Number(idx), record, parsedObject(record)))
    .filter((one) => one !== undefined);
}

/** What a record of `log/audit` announces; `undefined` for any other. */
export function announcedBy(
  idx: number,
  record: string,
  fields: JsonObject | undefined,
): Announced | undefined {
  if (fields === undefined) return undefined;
  const part = readPath(fields, 'target.part');
  if (typeof part !== 'string') return undefined;
  const below = readPath(fields, 'target.below');
  if (fields.kind === 'expire' && isCount(below)) {
    return { kind: 'expire', idx, record, below, part };
  }
  const chain = readPath(fields, 'target.chain');
  const seq = readPath(fields, 'target.seq');
  if (fields.kind !== 'redact' || typeof chain !== 'string' || !isCount(seq)) return undefined;
  return { kind: 'redact', idx, record, chain, seq, part };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

/** Leaf indices of places in chains, by `chain seq`; what the log does not have is left out. */
export async function leavesAtPlaces(
  connection: Connection,
  log: string,
  size: number,
  places: readonly ChainPlace[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let at = 0; at < places.length; at += LIST_ITEMS) {
    const some = places.slice(at, at + LIST_ITEMS).map((place) => ({
      session: place.chain.slice(0, place.chain.indexOf('/')),
      shim: place.chain.slice(place.chain.indexOf('/') + 1),
      seq: place.seq,
    }));
    const sessions = [...new Set(some.map(({ session }) => session))];
    const triples = 'arrayZip({names:Array(String)}, {shims:Array(String)}, {seqs:Array(Int64)})';
    const where = Condition.below(log, size)
      .and('session IN {sessions:Array(String)}', { sessions })
      .and(`(session, toString(shim), seq) IN ${triples}`, {
        names: some.map(({ session }) => session),
        shims: some.map(({ shim }) => shim),
        seqs: some.map(({ seq }) => seq),
      });
    const rows = await connection.rows<{ session: string; shim: string; seq: string; idx: string }>(
      `SELECT session, shim, seq, idx FROM records WHERE ${where}`,
      where.params,
    );
    for (const { session, shim, seq, idx } of rows) {
      found.set(placeKey({ chain: `${session}/${shim}`, seq: Number(seq) }), Number(idx));
    }
  }
  return found;
}

export function placeKey({ chain, seq }: ChainPlace): string {
  return `${chain} ${seq}`;
}

export interface CommittedPart extends ChainPlace {
  idx: number;
  part: string;
}

/** Parts that the records of a session commit to, by index; `part` may be `*`. */
export async function committedParts(
  connection: Connection,
  log: string,
  size: number,
  { session, part, limit }: { session: string; part: string; limit: number },
): Promise<CommittedPart[]> {
  const where = Condition.below(log, size)
    .and('session = {session:String}', { session })
    .and('seq >= 0');
  const named = part === EVERY_PART ? '' : 'WHERE name = {part:String}';
  const rows = await connection.rows<{ idx: string; shim: string; seq: string; name: string }>(
    `SELECT idx, shim, seq, name FROM (
       SELECT idx, shim, seq, arrayJoin(JSONExtractKeys(record, 'parts')) AS name
       FROM records WHERE ${where} AND position(record, '"parts":{"') > 0)
     ${named} ORDER BY idx, name LIMIT 1 BY idx, name LIMIT {limit:UInt64}`,
    { ...where.params, part, limit },
  );
  return rows.map(({ idx, shim, seq, name }) => {
    return { idx: Number(idx), chain: `${session}/${shim}`, seq: Number(seq), part: name };
  });
}
