/** Lists of the API, which all of its readers page through alike. */

/** `size` is the published size of the log that was read. */
export interface AtSize {
  size: number;
}

/** A page of a list; `cursor` continues it, and is null on the last one. */
export interface Page<Item, Cursor = number> extends AtSize {
  items: Item[];
  cursor: Cursor | null;
}
