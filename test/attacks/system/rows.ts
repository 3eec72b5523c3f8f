/** Attacks on a running system: its database, its log directory, its API and its clock. */
import type { SystemRow } from '../row.ts';

export const SYSTEM_ROWS: SystemRow[] = [];
