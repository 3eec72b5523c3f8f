/** What a filter asks of the API in its `q`: the query, and the time beside it. */
import { isQuery, withTerm } from '../../lib/query/term.ts';
import type { Filter } from './window/timeline.ts';

export function askedQuery({ text, span }: Filter): string {
  // A text that is no query goes as it is: the answer says what is wrong with it.
  if (span === undefined || !isQuery(text)) return text;
  return withTerm(text, `time:${span.from}..${span.to}`);
}
