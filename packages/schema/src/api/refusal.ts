/** What every answer that is not a success says; `docs/reference/errors.md` lists the codes. */
export interface Refusal {
  code: string;
  message: string;
  /** What to do about it; empty where there is nothing to say. */
  hint: string;
}
