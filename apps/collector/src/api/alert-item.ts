/** How an alert looks to whoever reads it: its record, where it stands, and its host's EDR. */
import {
  ALERT_COMMENT_PART,
  alertLink,
  alertStanding,
  hasComment,
  type Json,
  type JsonObject,
} from '@vitrine/schema';
import type { GonePart } from '@vitrine/schema/api';
import type { AlertLast, RecordRow } from '@vitrine/store';
import { may } from '../access/may.ts';
import { standingOf } from '../triage/triage.ts';
import type { Context } from './context.ts';
import type { ItemOf } from './dialect.ts';
import { edrLink } from './edr-link.ts';
import { goneParts } from './gone.ts';
import { eventItem } from './item.ts';

/** Where an alert stands, and which record says so; `index` is null where nobody has acted. */
export interface TriageItem {
  state: string;
  assignee: string | null;
  verdict: string | null;
  /** What the next act gives as `expect`. */
  seq: number;
  acts: number;
  index: number | null;
  t: string | null;
  by: Json;
}

/** One act on an alert. */
export interface ActItem {
  log: string;
  index: number;
  leaf: string;
  seq: number | null;
  t: string;
  by: Json;
  state: string;
  assignee: string | null;
  verdict: string | null;
  /** `seq` of the record it followed. */
  after: Json;
  has_comment: boolean;
  /** `null` where there is none, or where the reader may not see it. */
  comment: string | null;
  /** Why the log has it no more. */
  gone?: GonePart;
}

/** What stands for each of these alerts in an answer; `format=` as for any other row. */
export async function alertItems(context: Context, rows: readonly RecordRow[]): Promise<ItemOf> {
  if (context.query('format') !== undefined) return context.itemsOf(rows);
  const { store, log, size } = context.asked;
  const hostOf = await context.hostsOf(rows);
  const last = await store.alerts.lastActs(log, size, rows.map(idOf));
  const { links, public_url } = context.system.config;
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

export function triageItem(alert: RecordRow, last: AlertLast | undefined): TriageItem {
  const { state, assignee, verdict, seq, acts } = standingOf(alert, last);
  const { idx = null, t = null, record = '{}' } = last?.row ?? {};
  const { by = null } = JSON.parse(record) as JsonObject;
  return { state, assignee, verdict, seq, acts, index: idx, t, by };
}

export function actItem(row: RecordRow): ActItem {
  const record = JSON.parse(row.record) as JsonObject;
  const { log, idx: index, seq, t } = row;
  const place = { log, index, leaf: row.leaf.toString('base64'), seq, t };
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
