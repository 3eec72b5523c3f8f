/** ClickHouse's own HTTP port, asked as the reader that `run.json` names. */
import type { RunFile } from './collector-process.ts';

/** Rows of a `SELECT`; 64-bit integers come as text. */
export async function select<Row>({ store }: RunFile, query: string): Promise<Row[]> {
  const response = await fetch(new URL('/?database=vitrine', store.url), {
    method: 'POST',
    headers: { 'x-clickhouse-user': store.user, 'x-clickhouse-key': store.password },
    body: `${query} FORMAT JSONEachRow`,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`ClickHouse answered ${response.status}: ${text}`);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

export interface StoredRecord {
  idx: number;
  session: string;
  shim: string;
  kind: string;
  /** Hex. */
  leaf: string;
  record: string;
}

/** All that the log has, by leaf index. */
export async function storedRecords(run: RunFile, where = '1'): Promise<StoredRecord[]> {
  const columns = 'idx, session, shim, kind, hex(leaf) AS leaf, record';
  const rows = await select<StoredRecord & { idx: string }>(
    run,
    `SELECT ${columns} FROM records WHERE log = '${run.log}' AND ${where} ORDER BY idx`,
  );
  return rows.map((row) => ({ ...row, idx: Number(row.idx) }));
}
