/** What is wrong with the text of a query, if anything is. */
import { parseQuery } from '@vitrine/schema/query';
import { QueryError } from '@vitrine/schema/record';

export function faultOf(text: string): QueryError | undefined {
  try {
    parseQuery(text);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  return undefined;
}
