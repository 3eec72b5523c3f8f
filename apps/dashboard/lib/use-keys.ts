/** Single keys of a page: never while somebody types, and never past a dialog. */
'use client';

import { useEffect, useRef } from 'react';

export type Keys = Record<string, () => void>;

/** `keys`: by `KeyboardEvent.key`. A key that is not there is left to the page. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { key, altKey, ctrlKey, metaKey, target } = event;
      if (event.defaultPrevented || altKey || ctrlKey || metaKey || isTyping(target)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      if (!Object.hasOwn(latest.current, key)) return;
      event.preventDefault();
      latest.current[key]?.();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Marks what `j` and `k` move between: links and buttons of a list. */
export const ROW = { 'data-row': '' };

/** The row that keys act on: the one with the focus, else the one that is open. */
export function currentRow(): HTMLElement | undefined {
  const rows = rowsOfPage();
  return rows[placeIn(rows)];
}

/** Moves the focus by rows; where one is open, opens that instead. */
export function stepRow(by: 1 | -1): void {
  const rows = rowsOfPage();
  const at = placeIn(rows);
  const isOpen = rows[at]?.getAttribute('aria-current') === 'true';
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
  if (isOpen && next !== rows[at]) next?.click();
}

function rowsOfPage(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-row]')].filter(
    (row) => row.getClientRects().length > 0,
  );
}

function placeIn(rows: readonly HTMLElement[]): number {
  const focused = rows.indexOf(document.activeElement as HTMLElement);
  return focused >= 0
    ? focused
    : rows.findIndex((row) => row.getAttribute('aria-current') === 'true');
}
