/**
 * Puts a backup into a store: every column, tile and row beside the records is derived again from
 * what was signed. May be repeated: rows that stand already are left as they are.
 */
import type { FullTile } from '@vitrine/chain';
import { recordColumns } from '@vitrine/schema';
import { deriveColumns, type RowProvenance } from '../derive.ts';
import { AdmitRuns } from '../fsck/admit.ts';
import { Findings } from '../fsck/report.ts';
import type { CheckpointRow, PartRow, RecordRow, TileRow } from '../row.ts';
import { filesChanged } from './check.ts';
import { damaged, type Manifest, openManifest } from './manifest.ts';
import { type Fault, type WalkedBatch, walkBackup } from './walk.ts';

/** Rows of several batches, which are inserted together. */
export interface RestoredRows {
  records: RecordRow[];
  parts: PartRow[];
  tiles: TileRow[];
  checkpoints: CheckpointRow[];
}

export interface RestoreOptions {
  trust: string;
  insert: (rows: RestoredRows) => Promise<void>;
  onProgress: (progress: { done: number; size: number }) => void;
  /** Parts that are not in the backup, and no record says why. */
  onAbsent: (fault: Fault) => void;
}

/** Rows and bytes of parts of one insert. */
const ROWS_AT_ONCE = 16_384;
const PART_BYTES_AT_ONCE = 33_554_432;
/** In one error; `vitrine backup --verify` lists them all. */
const FAULTS_SAID = 5;

/** Throws BACKUP_INVALID, BACKUP_DAMAGED, and as an insert does. */
export async function restoreBackup(dir: string, options: RestoreOptions): Promise<Manifest> {
  const manifest = openManifest(dir);
  const lost: string[] = [];
  const onFault = ({ kind, place, what }: Fault): void => {
    if (kind === 'lost') lost.push(`${place}: ${what}`);
    if (kind === 'absent') options.onAbsent({ kind, place, what });
  };
  for await (const fault of filesChanged(dir, manifest)) {
    // A changed segment is read all the same: it is its rows that must be what was signed.
    if (!fault.place.startsWith('segments/')) onFault(fault);
  }
  const { log, tenant, origin, size, segments } = manifest;
  const findings = new Findings();
  const runs = new AdmitRuns(findings);
  let rows = empty();
  let bytes = 0;
  let last = '';
  const flush = async (done: number): Promise<void> => {
    if (rows.records.length > 0 && lost.length === 0) await options.insert(rows);
    [rows, bytes] = [empty(), 0];
    options.onProgress({ done, size });
  };
  for await (const batch of walkBackup({ dir, origin, trust: options.trust, segments, onFault })) {
    take(rows, batch, { log, tenant }, runs);
    bytes += batch.parts.reduce((sum, { data }) => sum + data.length, 0);
    last = batch.note;
    if (rows.records.length >= ROWS_AT_ONCE || bytes >= PART_BYTES_AT_ONCE) await flush(batch.size);
  }
  if (lost.length > 0) throw damaged(lost.slice(0, FAULTS_SAID).join('; '));
  if (last !== manifest.note) throw damaged('its note is not that of its leaves');
  await flush(size);
  return manifest;
}

function take(
  rows: RestoredRows,
  batch: WalkedBatch,
  { log, tenant }: { log: string; tenant: string },
  runs: AdmitRuns,
): void {
  const { first, size, root, note } = batch;
  for (const [i, { text, record, leaf }] of batch.records.entries()) {
    const index = first + i;
    const { session, shim } = recordColumns(record);
    if (session === 'log' && shim === 'admit') runs.take(index, record);
    const own = session === 'log' || shim === 'sup';
    const provenance: RowProvenance | null =
      (own ? undefined : runs.of(`${session}/${shim}`, Number(record.seq))) ?? null;
    const source = { tenant, log, index, session, shim, leaf, record: text, provenance };
    rows.records.push(deriveColumns(source, record));
  }
  runs.finish(size - 1);
  rows.parts.push(...batch.parts.map((part) => ({ tenant, log, ...part })));
  rows.tiles.push(...batch.tiles.map((tile: FullTile) => ({ log, ...tile })));
  rows.checkpoints.push({ log, size, root, note });
}

function empty(): RestoredRows {
  return { records: [], parts: [], tiles: [], checkpoints: [] };
}
