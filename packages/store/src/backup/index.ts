/** Backups of a log: written, checked offline, and put into a store again. */
export { type BackupReport, checkBackup } from './check.ts';
export { type GivenFile, readKept } from './keep.ts';
export { type BackupTable, type Manifest, openManifest, TABLES } from './manifest.ts';
export { type BackupSource, type WrittenBackup, writeBackup } from './write.ts';
