/** Rows of `records` as `fsck` reads them: very many, most columns the same in most rows. */
import { type Cells, Repeated } from '../client/cells.ts';
import type { RecordRow } from '../row.ts';

export interface StoredRow extends RecordRow {
  /** Of `record`; a view of the answer. */
  bytes: Buffer;
}

export const STORED_COLUMNS =
  'idx, tenant, session, shim, seq, kind, t, observed, sandbox, via, vantage, peer, leaf, ' +
  'record, agent, severity, title, subject';

const HASH_BYTES = 32;
/** A seal has no place in a chain. */
const SEQ_NONE = -1;

/** `cells` of `STORED_COLUMNS`. */
export function storedRows(log: string, cells: Cells): StoredRow[] {
  const rows: StoredRow[] = [];
  const last = Array.from({ length: 9 }, () => new Repeated());
  const [tenant, session, shim, kind, sandbox, via, vantage, peer, agent] = last as Nine;
  const title = new Repeated();
  const subject = new Repeated();
  while (!cells.done) {
    // In the order of the columns: members of a literal are evaluated as they stand.
    const place = {
      idx: cells.uint64(),
      tenant: cells.repeated(tenant),
      log,
      session: cells.repeated(session),
      shim: cells.repeated(shim),
      seq: seqOf(cells.int64()),
      kind: cells.repeated(kind),
      t: cells.int64Text(),
      observed: cells.int64Text(),
      sandbox: cells.repeated(sandbox),
      via: cells.repeated(via),
      vantage: cells.repeated(vantage),
      peer: cells.repeated(peer),
      leaf: cells.fixed(HASH_BYTES),
    };
    const bytes = cells.bytes();
    rows.push({
      ...place,
      bytes,
      record: bytes.toString('utf8'),
      agent: cells.repeated(agent),
      severity: cells.uint8(),
      title: cells.repeated(title),
      subject: cells.repeated(subject),
    });
  }
  return rows;
}

type Nine = [
  Repeated,
  Repeated,
  Repeated,
  Repeated,
  Repeated,
  Repeated,
  Repeated,
  Repeated,
  Repeated,
];

function seqOf(seq: number): number | null {
  return seq === SEQ_NONE ? null : seq;
}
