/**
 * Checks a backup offline: every file against the manifest, every leaf, root, signature and part
 * against what was signed. Needs no engine and no system.
 */
import { join } from 'node:path';
import { FSCK_FINDINGS_MAX } from '@vitrine/schema';
import { hashOf } from './file.ts';
import { keptName, type Manifest, openManifest, TABLES } from './manifest.ts';
import { type Fault, walkBackup } from './walk.ts';

export interface BackupReport {
  /** Nothing is lost: no fault of that kind. */
  ok: boolean;
  log: string;
  origin: string;
  size: number;
  made: string;
  records: number;
  parts: number;
  checkpoints: number;
  /** The first of them; `faultsTotal` counts all. */
  faults: Fault[];
  faultsTotal: number;
}

export interface CheckOptions {
  /** Text of a trust file from elsewhere; else the one in the backup, which proves less. */
  trust?: string | undefined;
  onProgress: (progress: { checked: number; size: number }) => void;
}

/** Throws BACKUP_INVALID when there is no backup in `dir`. */
export async function checkBackup(dir: string, options: CheckOptions): Promise<BackupReport> {
  const manifest = openManifest(dir);
  const faults: Fault[] = [];
  let [total, lost] = [0, 0];
  const onFault = (fault: Fault): void => {
    total++;
    if (fault.kind === 'lost') lost++;
    if (faults.length < FSCK_FINDINGS_MAX) faults.push(fault);
  };
  for await (const fault of filesChanged(dir, manifest)) onFault(fault);
  const { log, origin, size, made, segments } = manifest;
  const trust = options.trust ?? manifest.trust;
  let [records, parts, checkpoints] = [0, 0, 0];
  let note = '';
  try {
    for await (const batch of walkBackup({ dir, origin, trust, segments, onFault })) {
      records = batch.size;
      parts += batch.parts.length;
      checkpoints++;
      note = batch.note;
      options.onProgress({ checked: records, size });
    }
    if (records === size && note !== manifest.note) {
      onFault({ kind: 'lost', place: 'manifest', what: 'its note is not that of its leaves' });
    }
  } catch (error) {
    // What cannot be read is a fault as well, after those that say why.
    if (!(error instanceof Error)) throw error;
    onFault({ kind: 'lost', place: `after leaf ${records - 1}`, what: error.message });
  }
  const counts = { records, parts, checkpoints };
  return { ok: lost === 0, log, origin, size, made, ...counts, faults, faultsTotal: total };
}

/** Files that are not what the manifest says. */
export async function* filesChanged(dir: string, manifest: Manifest): AsyncGenerator<Fault> {
  const stored = manifest.segments.flatMap(({ tables }) => TABLES.map((name) => tables[name]));
  const kept = manifest.files.map((one) => ({ ...one, file: keptName(one) }));
  for (const { file, sha256, bytes } of [...stored, ...kept]) {
    const found = await hashOf(join(dir, file));
    if (found?.sha256 === sha256 && found.bytes === bytes) continue;
    const what = found === undefined ? 'is missing' : 'is not what the manifest says (SHA-256)';
    yield { kind: 'lost', place: file, what };
  }
}
