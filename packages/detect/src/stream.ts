/**
 * Recorded streams for testing rules: JSON Lines, each `{"vantage": …, "record": {…}}` with the
 * record's `session`, `shim`, `kind` and `t`. Places in the log are made up from the line numbers.
 * A record of kind `seal` needs neither session nor shim: it moves the log's time.
 */
import { createHash } from 'node:crypto';
import { isObject, isVantage, type JsonObject } from '@vitrine/schema';
import { DetectError } from './error.ts';
import type { DetectInput } from './input.ts';

const SEALS: JsonObject = { session: 'log', shim: 'seal' };

/** Throws RULE_MALFORMED for a line that is not such an object. */
export function parseStream(text: string): DetectInput[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, index) => {
    const { vantage, record } = parseLine(line, index);
    const { kind } = record;
    const { session, shim } = kind === 'seal' ? SEALS : record;
    if (typeof session !== 'string' || typeof shim !== 'string' || typeof kind !== 'string') {
      throw malformed(index, 'the record needs session, shim and kind');
    }
    if (vantage !== '' && !isVantage(vantage)) throw malformed(index, 'vantage is not known');
    const leaf = createHash('sha256').update(line).digest('base64');
    return { log: 'stream', index, leaf, session, shim, vantage, kind, record };
  });
}

function parseLine(line: string, index: number): { vantage: unknown; record: JsonObject } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw malformed(index, 'not JSON');
  }
  const { vantage = '', record } = isObject(value) ? value : {};
  if (!isObject(record)) throw malformed(index, 'there is no record');
  return { vantage, record };
}

function malformed(index: number, reason: string): DetectError {
  return new DetectError('RULE_MALFORMED', `line ${index + 1}: ${reason}`);
}
