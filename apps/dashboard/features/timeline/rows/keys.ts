/** Which key does what. Pure: what a key means depends on the key and on where the focus is. */
export type Command =
  | 'next'
  | 'previous'
  | 'mark-next'
  | 'mark-previous'
  | 'page-down'
  | 'page-up'
  | 'first'
  | 'last'
  | 'open'
  | 'close'
  | 'filter'
  | 'unfold'
  | 'fold';

export interface Stroke {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey?: boolean;
  /** The key belongs to a text field, a choice or a dialog of its own. */
  typing: boolean;
  /** The focus is on a row of the list. */
  inGrid: boolean;
}

/** Anywhere on the page, but never while typing. */
const ANYWHERE: Record<string, Command> = {
  j: 'next',
  k: 'previous',
  '/': 'filter',
  Escape: 'close',
};

/** On a row: what the ARIA pattern of a grid asks for. */
const IN_GRID: Record<string, Command> = {
  ArrowDown: 'next',
  ArrowUp: 'previous',
  ArrowRight: 'unfold',
  ArrowLeft: 'fold',
  PageDown: 'page-down',
  PageUp: 'page-up',
  Home: 'first',
  End: 'last',
  Enter: 'open',
};

/** With Shift, on a row: marks rows together. */
const MARKING: Record<string, Command> = { ArrowDown: 'mark-next', ArrowUp: 'mark-previous' };

export function commandOf(stroke: Stroke): Command | undefined {
  const { key, altKey, ctrlKey, metaKey, shiftKey = false, typing, inGrid } = stroke;
  if (typing || altKey || ctrlKey || metaKey) return undefined;
  if (inGrid && shiftKey && Object.hasOwn(MARKING, key)) return MARKING[key];
  const table = inGrid && Object.hasOwn(IN_GRID, key) ? IN_GRID : ANYWHERE;
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Elements that take keys themselves; a button takes Enter and Space, and nothing of ours. */
export function takesKeys(tag: string, isEditable: boolean): boolean {
  return isEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(tag.toUpperCase());
}
