/**
 * What the first record of a chain says about the one before it: a relay that restarts names where
 * its last chain stood as far as its spool knows (LOG.md §2).
 */
import { isObject, type JsonObject } from '@vitrine/schema';

export interface Succession {
  chain: string;
  seq: number;
  /** Base64 leaf hash of that record. */
  head: string;
}

/** `null` when the record names no predecessor, or cannot be read; it is checked elsewhere. */
export function successionOf(record: Buffer): Succession | null {
  let value: JsonObject;
  try {
    value = JSON.parse(record.toString('utf8')) as JsonObject;
  } catch {
    return null;
  }
  const previous = isObject(value) ? value.previous : undefined;
  if (!isObject(previous)) return null;
  const { chain, seq, head } = previous;
  if (typeof chain !== 'string' || typeof seq !== 'number' || typeof head !== 'string') return null;
  return { chain, seq, head };
}
