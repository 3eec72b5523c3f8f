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

/** What a puller must still know when the collector has restarted, and the log does not say. */
export interface Heard {
  /** Of chains whose old one may not have been taken to its end. */
  successions: Succession[];
  /** Chains whose last record is `telemetry.bye`: their relay ended, and was not killed. */
  byes: string[];
}

/**
 * Takes note of what a page says: of an old chain, of which there may still be something to pull,
 * and that a chain ended in order. Whether anything was new.
 */
export function hear(heard: Heard, chain: string, page: Buffer[], isFirst: boolean): boolean {
  const { successions, byes } = heard;
  const begun = isFirst ? successionOf(page[0]!) : null;
  const isNew = begun !== null && !successions.some((known) => known.chain === begun.chain);
  if (isNew) successions.push(begun);
  const ends = kindOf(page.at(-1)!) === 'telemetry.bye' && !byes.includes(chain);
  if (ends) byes.push(chain);
  return isNew || ends;
}

function kindOf(record: Buffer): unknown {
  try {
    return (JSON.parse(record.toString('utf8')) as JsonObject).kind;
  } catch {
    return undefined;
  }
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
