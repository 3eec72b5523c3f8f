/** Attacks on a running system: its database, its log directory, its API and its clock. */
import type { SystemRow } from '../row.ts';
import { DATABASE_ROWS } from './database.ts';
import { INGEST_ROWS } from './ingest.ts';
import { SERVED_ROWS } from './served.ts';

export const SHORT_ROWS: SystemRow[] = [...DATABASE_ROWS, ...SERVED_ROWS, ...INGEST_ROWS];

export const SYSTEM_ROWS: SystemRow[] = [...SHORT_ROWS];
