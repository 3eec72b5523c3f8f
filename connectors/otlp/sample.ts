/** How an OTLP receiver answers in JSON, for the conformance suite. */
import { encodeExportResponse } from '@vitrine/schema';
import type { Received, Reply, SampleDestination } from '../kit/conformance/fault-server.ts';

export const destination: SampleDestination = {
  accept: (request) => answered(request, []),
  hide: answered,
};

/** How many are refused is said, and not which. */
function answered({ body }: Received, refused: string[]): Reply {
  const rejected = refused.filter((id) => body.includes(`"${id}"`)).length;
  const partial = rejected === 0 ? undefined : { rejected, message: 'too old' };
  const headers = { 'content-type': 'application/json' };
  return { status: 200, headers, body: encodeExportResponse('logs', 'json', partial) };
}
