/** How a stored row looks to whoever reads it through the API. */
import type { RecordRow } from '@vitrine/store';

export function eventItem(row: RecordRow): object {
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
    vantage: row.vantage,
    via: row.via,
    sandbox: row.sandbox,
    peer: row.peer,
    severity: row.severity,
    title: row.title,
    agent: row.agent,
    record: JSON.parse(row.record),
  };
}
