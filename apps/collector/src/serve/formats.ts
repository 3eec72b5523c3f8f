/**
 * How records of a page are written: one of our own lines, another tool's dialect, or OTLP that any
 * collector takes. Pure; a piece is one record, so that a page knows how large it is.
 */
import { joinLogs, joinLogTexts, logBytes, logText, outgoingLog } from '@vitrine/schema';
import {
  PULL_FORMATS,
  type PullFormat,
  type PullIntegrity,
  type PullItem,
  type PullPageEnd,
} from '@vitrine/schema/api';
import { SEVERITIES, severityOf } from '@vitrine/schema/normalise';
import type { RecordRow } from '@vitrine/store';
import { entryOf, foreignItemOf } from '../api/dialect.ts';
import type { HostOf } from '../api/hosts.ts';
import { eventItem } from '../api/item.ts';
import type { Parts } from './contents.ts';

export function isPullFormat(name: unknown): name is PullFormat {
  return typeof name === 'string' && (PULL_FORMATS as readonly string[]).includes(name);
}

/** Formats that carry the contents of records. */
export function hasParts(format: PullFormat): boolean {
  return format === 'otlp-json' || format === 'otlp-proto';
}

/** Formats of one JSON object a line: a last one may say where the page ends. */
export function hasLines(format: PullFormat): boolean {
  return format === 'ndjson' || format === 'ocsf' || format === 'ecs';
}

export interface Writing {
  origin: string;
  publicUrl: string;
  hostOf: HostOf;
  partsOf: (row: RecordRow) => Parts;
  /** The checkpoint that ends in this seal. */
  noteOf: (row: RecordRow) => string | undefined;
}

export type Piece = string | Buffer;

/** What stands for each row. */
export function pieceOf(format: PullFormat, writing: Writing): (row: RecordRow) => Piece {
  const { origin, publicUrl, hostOf, partsOf, noteOf } = writing;
  if (format === 'ndjson') {
    return (row) => {
      const note = noteOf(row);
      const checkpoint = note === undefined ? {} : { size: row.idx + 1, checkpoint: note };
      const item = { ...eventItem(row, hostOf(row)), ...checkpoint };
      return lineOf({ ...item, integrity: integrityOf(row, origin) } satisfies PullItem);
    };
  }
  if (!hasParts(format)) {
    const item = foreignItemOf(format, hostOf, publicUrl);
    return (row) => lineOf(item(row));
  }
  const write = format === 'otlp-json' ? logText : logBytes;
  return (row) => {
    const entry = entryOf(row, hostOf(row), publicUrl);
    const { session, observed, title, record } = entry;
    const integrity = integrityOf(row, origin);
    const severityNumber = SEVERITIES[severityOf(entry)].otlp;
    const parts = partsOf(row);
    return write(
      outgoingLog({ session, observed, title, severityNumber, record, parts, integrity }),
    );
  };
}

/** Where a record stands; `log_id` is that of LOG.md §3. */
function integrityOf({ idx, leaf }: RecordRow, origin: string): PullIntegrity {
  return {
    leaf_index: idx,
    leaf_hash: leaf.toString('base64'),
    log_id: origin.split('/')[1]!,
    origin,
  };
}

function lineOf(item: object | string): string {
  return `${typeof item === 'string' ? item : JSON.stringify(item)}\n`;
}

/** The whole body; `last` is a line behind those of the records. */
export function bodyOf(
  format: PullFormat,
  pieces: readonly Piece[],
  origin: string,
  last?: PullPageEnd,
): { type: string; body: string | Buffer } {
  if (format === 'otlp-proto') {
    return { type: 'application/x-protobuf', body: joinLogs(pieces as Buffer[], origin) };
  }
  if (format === 'otlp-json') {
    return { type: 'application/json', body: joinLogTexts(pieces as string[], origin) };
  }
  const lines = last === undefined ? pieces : [...pieces, lineOf(last)];
  const type = hasLines(format) ? 'application/x-ndjson' : 'text/plain; charset=utf-8';
  return { type, body: lines.join('') };
}
