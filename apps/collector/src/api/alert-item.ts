/** How an alert looks to whoever reads it: its record, where it stands, and its host's EDR. */
import {
  ALERT_COMMENT_PART,
  alertLink,
  alertStanding,
  hasComment,
  type JsonObject,
} from '@vitrine/schema';
import type { ActItem, Actor, AlertItem, ForeignItem, TriageItem } from '@vitrine/schema/api';
import type { AlertLast, RecordRow } from '@vitrine/store';
import { may } from '../access/may.ts';
import { standingOf } from '../triage/triage.ts';
import type { Context } from './context.ts';
import { foreignItemOf } from './dialect.ts';
import { edrLink } from './edr-link.ts';
import { goneParts } from './gone.ts';
import { eventItem } from './item.ts';

/** What stands for each of these alerts in an answer; `format=` as for any other row. */
export async function alertItems(
  context: Context,
  rows: readonly RecordRow[],
): Promise<(row: RecordRow) => AlertItem | ForeignItem> {
  const hostOf = await context.hostsOf(rows);
  const { links, public_url } = context.system.config;
  const format = context.query('format');
  if (format !== undefined) return foreignItemOf(format, hostOf, public_url);
  const { store, log, size } = context.asked;
  const last = await store.alerts.lastActs(log, size, rows.map(idOf));
  return (row) => {
    const host = hostOf(row);
    const triage = triageItem(row, last.get(idOf(row)));
    const link = alertLink(public_url, row.idx);
    const edr_link = edrLink(links.edr, host.identity);
    return { ...eventItem(row, host), triage, link, edr_link };
  };
}

export function idOf({ record }: RecordRow): string {
  return String((JSON.parse(record) as JsonObject).id);
}

/** As `triage.ts` writes it. */
type ActRecord = JsonObject & { by?: Actor; after?: number };

export function triageItem(alert: RecordRow, last: AlertLast | undefined): TriageItem {
  const { state, assignee, verdict, seq, acts } = standingOf(alert, last);
  const { idx = null, t = null, record = '{}' } = last?.row ?? {};
  const { by = null } = JSON.parse(record) as ActRecord;
  return { state, assignee, verdict, seq, acts, index: idx, t, by };
}

export function actItem(row: RecordRow): ActItem {
  const record = JSON.parse(row.record) as ActRecord;
  const { log, idx: index, t } = row;
  // Seals alone have no place in a chain.
  const place = { log, index, leaf: row.leaf.toString('base64'), seq: row.seq!, t };
  const { by = null, after = null } = record;
  const said = { by, ...alertStanding(record), after };
  return { ...place, ...said, has_comment: hasComment(record), comment: null };
}

/**
 * Everything that was done with an alert, oldest first. Comments are contents: who may read parts
 * sees them, and the log says who looked.
 */
export async function historyOf(context: Context, alert: RecordRow): Promise<ActItem[]> {
  const { store, log, size } = context.asked;
  const rows = await store.alerts.acts(log, size, idOf(alert));
  const items = rows.map(actItem);
  const commented = items.filter((item) => item.has_comment).map(({ index }) => index);
  const { principal, system } = context;
  const allowed = may(principal!, 'part.read', { tenant: system.config.tenant });
  if (commented.length === 0 || !allowed) return items;
  const texts = await store.alerts.partTexts(log, ALERT_COMMENT_PART, commented);
  await context.record('part.read', `${log}/${alert.idx}/comments`);
  for (const [i, item] of items.entries()) {
    if (!item.has_comment) continue;
    item.comment = texts.get(item.index) ?? null;
    if (item.comment === null) item.gone = (await goneParts(system, rows[i]!, []))[0]!;
  }
  return items;
}
