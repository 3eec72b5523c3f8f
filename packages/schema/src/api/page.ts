/** Lists of the API, which all of its readers page through alike. */

/** A page of a list; `cursor` continues it, `size` is the published size of the log. */
export interface Page<Item, Cursor = number> {
  items: Item[];
  cursor: Cursor | null;
  size: number;
}
