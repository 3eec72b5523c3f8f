/** The attacks on a running system that take no longer than a moment. */
import { SHORT_ROWS } from './rows.ts';
import { runRows } from './run.ts';

runRows(SHORT_ROWS);
