/** Attacks on a running system: its database, its log directory, its API and its clock. */
import type { SystemRow } from '../row.ts';
import { CLOCK_ROWS } from './clock.ts';
import { DATABASE_ROWS } from './database.ts';
import { DIRECTORY_ROWS } from './directory.ts';
import { INGEST_ROWS } from './ingest.ts';
import { QUEUE_ROWS } from './queue.ts';
import { SERVED_ROWS } from './served.ts';
import { WRITER_ROWS } from './writers.ts';

export const SHORT_ROWS: SystemRow[] = [
  ...QUEUE_ROWS,
  ...CLOCK_ROWS,
  ...DATABASE_ROWS,
  ...SERVED_ROWS,
  ...INGEST_ROWS,
  ...DIRECTORY_ROWS,
  ...WRITER_ROWS,
];

export const SYSTEM_ROWS: SystemRow[] = [...SHORT_ROWS];
