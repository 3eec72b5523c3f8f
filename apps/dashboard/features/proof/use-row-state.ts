/** The state of a row, drawn again when a proof finds something about it. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import { useSyncExternalStore } from 'react';
import { type RowStanding, rowStateOf } from './row-state.ts';
import { onOutcome, outcomesVersion } from './verdicts.ts';

export function useRowState(item: EventItem, size: number): RowStanding {
  useSyncExternalStore(onOutcome, outcomesVersion, outcomesVersion);
  return rowStateOf(item, size);
}
