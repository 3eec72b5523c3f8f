/** The other attacks on a running system: on whole machines and processes. */
import { LONG_ROWS } from './rows.ts';
import { runRows } from './run.ts';

runRows(LONG_ROWS);
