/** Attacks on a running system: its database, its log directory, its API and its clock. */
import type { SystemRow } from '../row.ts';
import { CLOCK_ROWS } from './clock.ts';
import { CRASH_ROWS } from './crash.ts';
import { DATABASE_ROWS } from './database.ts';
import { DIRECTORY_ROWS } from './directory.ts';
import { INGEST_ROWS } from './ingest.ts';
import { INSIDER_ROWS } from './insider.ts';
import { QUEUE_ROWS } from './queue.ts';
import { SERVED_ROWS } from './served.ts';
import { WRITER_ROWS } from './writers.ts';

export const SYSTEM_ROWS: SystemRow[] = [
  ...CLOCK_ROWS,
  ...CRASH_ROWS,
  ...DATABASE_ROWS,
  ...DIRECTORY_ROWS,
  ...INGEST_ROWS,
  ...INSIDER_ROWS,
  ...QUEUE_ROWS,
  ...SERVED_ROWS,
  ...WRITER_ROWS,
];

/** Of the database, of the queue, of a client; a system each. The others are in the long suites. */
const SHORT = ['41', '46', '47'];

export const SHORT_ROWS = SYSTEM_ROWS.filter(({ id }) => SHORT.includes(id));
export const LONG_ROWS = SYSTEM_ROWS.filter(({ id }) => !SHORT.includes(id));
