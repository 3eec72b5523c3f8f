/** Backups of a log: written, checked offline, and put into a store again. */
export { type BackupReport, checkBackup } from './check.ts';
export { linesOf } from './file.ts';
export type { GivenFile } from './keep.ts';
export { type BackupTable, keptName, type Manifest, openManifest, TABLES } from './manifest.ts';
export { BackupTables } from './tables.ts';
export type { Fault } from './walk.ts';
export { type BackupSource, type BackupSubject, type WrittenBackup, writeBackup } from './write.ts';
