/** What all views of an analyst say: sums over events, each of so many, and a few names of many. */

/** Of how many events a view is made, and how many there are. */
export interface Looked {
  events: number;
  of: number;
}

/** A few names, sorted, and how many different ones there are. */
export interface Names {
  names: string[];
  of: number;
}
