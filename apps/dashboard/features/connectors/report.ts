/** A test of a connector as its lines tell it: no success without a report. */
import type { TestLine } from '@vitrine/schema/api';
import { ApiFailure, pageFailure } from '../../lib/api/client.ts';

/** The lines up to the report. Throws ApiFailure for the error that one tells, or for no report. */
export async function* untilReport(lines: AsyncIterable<TestLine>): AsyncGenerator<TestLine> {
  for await (const line of lines) {
    const { error, report } = line;
    if (error !== undefined) throw new ApiFailure(0, error.code, error.message, error.hint);
    yield line;
    if (report !== undefined) return;
  }
  throw pageFailure('CONNECTION_LOST', 0, 'The test ended without a report.');
}
