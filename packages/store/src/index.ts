export type { AlertFilter, AlertLast, IncidentQuery } from './alert-row.ts';
export * from './backup/index.ts';
export {
  deriveRow,
  placeColumns,
  type RowProvenance,
  type RowSource,
} from './derive.ts';
export type { Announced, CommittedPart } from './erase/announced.ts';
export { announcedBy, EVERY_PART } from './erase/announced.ts';
export { Coverage } from './erase/coverage.ts';
export { type StoreCode, StoreError } from './error.ts';
export { fsckFast } from './fsck/fast.ts';
export { type FsckInput, fsck } from './fsck/fsck.ts';
export { type OpenOptions, openStore } from './open.ts';
export type {
  ChainRow,
  CheckpointRow,
  EventFilter,
  PartRow,
  RecordRow,
  RuleAlerts,
  SearchPage,
  SessionQuery,
  SessionsRead,
  StoredSession,
  SupervisionRow,
  TileRow,
  TipRow,
} from './row.ts';
export type { SourceNotice, SourcesHeard, SourceTail } from './source-row.ts';
export { type Endpoint, Store } from './store.ts';
export type { StoreConfig } from './store-config.ts';
