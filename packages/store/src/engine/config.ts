/** Where a `clickhouse` binary may be found: the only thing the store reads of the environment. */
import { delimiter } from 'node:path';

export function searchPath(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((dir) => dir !== '');
}
