/** What the store refuses or fails at. */
import { CodedError } from '@vitrine/schema';

export type StoreCode =
  | 'ENGINE_MISSING'
  | 'ENGINE_FAILED'
  | 'ENGINE_AWAY'
  | 'STORE_LOCKED'
  | 'STORE_UNWRITABLE'
  | 'STORE_CLOSED'
  | 'PORT_IN_USE'
  | 'SCHEMA_MISMATCH'
  | 'INSERT_FAILED'
  | 'ERASE_FAILED'
  | 'READ_TIMEOUT'
  | 'READ_TOO_LARGE'
  | 'READ_FAILED'
  | 'ROWS_MISSING'
  | 'CURSOR_INVALID'
  | 'BACKUP_INVALID'
  | 'BACKUP_DAMAGED'
  | 'BACKUP_FOREIGN'
  | 'BACKUP_AHEAD'
  | 'BACKUP_BUSY'
  | 'BACKUP_UNWRITABLE';

export class StoreError extends CodedError<StoreCode> {}
