/** What every answer that is not a success says; `docs/reference/errors.md` lists the codes. */
export interface Refusal {
  code: string;
  /** One sentence. */
  message: string;
  /** What to do about it; empty where there is nothing to say. */
  hint: string;
  /** Of a query: where in its text, from 0; `to` is exclusive. */
  at?: { from: number; to: number };
}
