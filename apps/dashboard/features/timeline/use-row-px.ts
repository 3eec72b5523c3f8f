/** The height of a row: one line, or two where the page is narrow. */
'use client';

import { useSyncExternalStore } from 'react';

const ONE_LINE_PX = 30;
const TWO_LINES_PX = 52;
/** The list itself breaks into two lines at the same width (timeline.css). */
const NARROW = '(max-width: 560px)';

export function useRowPx(): number {
  return useSyncExternalStore(subscribe, rowPx, () => ONE_LINE_PX);
}

let narrow: MediaQueryList | undefined;

function media(): MediaQueryList {
  narrow ??= matchMedia(NARROW);
  return narrow;
}

function subscribe(listener: () => void): () => void {
  media().addEventListener('change', listener);
  return () => media().removeEventListener('change', listener);
}

function rowPx(): number {
  return media().matches ? TWO_LINES_PX : ONE_LINE_PX;
}
