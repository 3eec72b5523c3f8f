/** `format=`: rows as other people's tools read them, instead of as they are stored. */
import { alertLink, exactJson, type JsonObject, proofLink } from '@vitrine/schema';
import type { EventItem, ForeignItem } from '@vitrine/schema/api';
import {
  DIALECTS,
  type Dialect,
  isDialect,
  type LogEntry,
  normalise,
} from '@vitrine/schema/normalise';
import type { RecordRow } from '@vitrine/store';
import { OWN_SESSION } from '../sequence/state.ts';
import { ApiError } from './errors.ts';
import type { HostOf, RowHost } from './hosts.ts';
import { eventItem } from './item.ts';

/** What stands for a row in an answer. */
export type ItemOf = (row: RecordRow) => EventItem | ForeignItem;

/** `format`: of the query string. Throws BAD_REQUEST for a dialect that is none. */
export function itemOf(format: string | undefined, hostOf: HostOf, publicUrl: string): ItemOf {
  if (format === undefined) return (row) => eventItem(row, hostOf(row));
  return foreignItemOf(format, hostOf, publicUrl);
}

/** The same for one that is named. */
export function foreignItemOf(
  format: string,
  hostOf: HostOf,
  publicUrl: string,
): (row: RecordRow) => ForeignItem {
  const dialect = dialectOf(format);
  return (row) => normalise(entryOf(row, hostOf(row), publicUrl), dialect);
}

function dialectOf(format: string): Dialect {
  if (isDialect(format)) return format;
  throw new ApiError('BAD_REQUEST', `format must be one of ${DIALECTS.join(', ')}`);
}

/** A row as `normalise` wants it. */
export function entryOf(row: RecordRow, { identity }: RowHost, publicUrl: string): LogEntry {
  const { log, idx: index, tenant, session, shim, seq, kind, t, observed, vantage } = row;
  const { sandbox, severity, title } = row;
  const isAlert = session === OWN_SESSION && kind === 'alert';
  return {
    ...{
      log,
      index,
      tenant,
      session,
      shim,
      seq,
      kind,
      t,
      observed,
      vantage,
      sandbox,
      severity,
      title,
    },
    leaf: row.leaf.toString('base64'),
    record: exactJson(row.record) as JsonObject,
    host: identity,
    link: isAlert ? alertLink(publicUrl, index) : proofLink(publicUrl, session, index),
  };
}
