/** How a stored row looks to whoever reads it through the API. */
import { exactJson, type JsonObject } from '@vitrine/schema';
import type { EventItem } from '@vitrine/schema/api';
import type { RecordRow } from '@vitrine/store';
import type { RowHost } from './hosts.ts';

export function eventItem(row: RecordRow, { host, device }: RowHost): EventItem {
  return {
    log: row.log,
    index: row.idx,
    leaf: row.leaf.toString('base64'),
    session: row.session,
    shim: row.shim,
    seq: row.seq,
    kind: row.kind,
    t: row.t,
    observed: row.observed,
    vantage: vantageOf(row),
    via: row.via,
    sandbox: row.sandbox,
    peer: row.peer,
    host,
    device,
    severity: row.severity,
    title: row.title,
    agent: row.agent,
    record: exactJson(row.record) as JsonObject,
  };
}

/** In a store that nobody has changed, the collector's own word. */
export function vantageOf({ vantage }: Pick<RecordRow, 'vantage'>): EventItem['vantage'] {
  return vantage as EventItem['vantage'];
}
