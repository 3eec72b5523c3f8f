/** What a call of the consumer API asks for: its parameters, each inside its bounds. */
import {
  PULL_BYTES_MAX,
  PULL_BYTES_MIN,
  PULL_RECORDS_DEFAULT,
  PULL_RECORDS_MAX,
  PULL_WAIT_SECONDS_MAX,
} from '@vitrine/schema';
import { PULL_FORMATS, type PullFormat } from '@vitrine/schema/api';
import type { Context } from '../api/context.ts';
import { ApiError } from '../api/errors.ts';
import { hasLines, hasParts, isPullFormat } from './formats.ts';

/** Where a reader begins. */
export type Start =
  | { cursor: string }
  | { sinceNs: bigint }
  | { from: 'earliest' | 'latest' }
  | { next: number };

/** How a page is to look, whatever is on it. */
export interface Shape {
  limit: number;
  bytesMax: number;
  waitMs: number;
  /** A last line says where the page ends. */
  inline: boolean;
}

export type PartsAsked = 'include' | 'none' | null;

const MS_PER_S = 1_000;
const NS_PER_MS = 1_000_000n;
/** RFC 3339 §5.6. */
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

type Given = (name: string) => unknown;

export function shapeOf(context: Context, format: PullFormat): Shape {
  const page = context.query('page');
  if (page !== undefined && (page !== 'inline' || !hasLines(format))) {
    throw new ApiError('BAD_REQUEST', 'page may be inline, for formats of JSON lines');
  }
  const seconds = context.integer('wait', 0, PULL_WAIT_SECONDS_MAX) ?? 0;
  return {
    limit: context.integer('limit', 1, PULL_RECORDS_MAX) ?? PULL_RECORDS_DEFAULT,
    bytesMax: context.integer('max_bytes', PULL_BYTES_MIN, PULL_BYTES_MAX) ?? PULL_BYTES_MAX,
    waitMs: seconds * MS_PER_S,
    inline: page === 'inline',
  };
}

/** The parameters of `shapeOf` as they came, for a link to the next page. */
export const SHAPE_NAMES = ['limit', 'max_bytes', 'wait', 'page'] as const;

export function formatOf(given: unknown): PullFormat {
  const format = given ?? 'ndjson';
  if (isPullFormat(format)) return format;
  throw new ApiError('BAD_REQUEST', `format must be one of ${PULL_FORMATS.join(', ')}`);
}

export function partsOf(given: unknown, format: PullFormat): PartsAsked {
  if (given === undefined || given === null) return null;
  if (given !== 'include' && given !== 'none') {
    throw new ApiError('BAD_REQUEST', 'parts must be include or none');
  }
  if (!hasParts(format)) {
    throw new ApiError('BAD_REQUEST', `parts are told in otlp-json and otlp-proto, not ${format}`);
  }
  return given;
}

/** One of `cursor`, `since` and `from`; the earliest where none is given. */
export function startOf(given: Given): Start {
  const [name, ...others] = ['cursor', 'since', 'from'].filter((one) => given(one) !== undefined);
  if (others.length > 0) {
    throw new ApiError('BAD_REQUEST', `give one of ${[name, ...others].join(', ')}`);
  }
  if (name === undefined) return { from: 'earliest' };
  const value = given(name);
  if (name === 'cursor' && typeof value === 'string') return { cursor: value };
  if (name === 'since') return { sinceNs: timeOf(value) };
  if (value === 'earliest' || value === 'latest') return { from: value };
  throw new ApiError('BAD_REQUEST', 'from must be earliest or latest, a cursor a text');
}

function timeOf(value: unknown): bigint {
  const ms = typeof value === 'string' && TIME.test(value) ? Date.parse(value) : Number.NaN;
  if (ms >= 0) return BigInt(ms) * NS_PER_MS;
  throw new ApiError('BAD_REQUEST', 'since must be a time such as 2026-11-28T14:03:00Z');
}
