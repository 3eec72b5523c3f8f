/** How Elasticsearch answers `_bulk`, for the conformance suite. */
import type { Received, Reply, SampleDestination } from '../kit/conformance/fault-server.ts';

const CREATED = { status: 201 };
const REFUSED = {
  status: 400,
  error: { type: 'document_parsing_exception', reason: 'failed to parse' },
};

export const destination: SampleDestination = {
  accept: (request) => answered(request, []),
  hide: answered,
};

function answered({ body }: Received, refused: string[]): Reply {
  const ids = [...body.matchAll(/^\{"create":\{"_id":"([^"]+)"\}\}$/gm)].map(([, id]) => id!);
  const items = ids.map((id) => ({ create: refused.includes(id) ? REFUSED : CREATED }));
  const headers = { 'content-type': 'application/json' };
  const errors = refused.length > 0;
  return { status: 200, headers, body: JSON.stringify({ errors, items }) };
}
