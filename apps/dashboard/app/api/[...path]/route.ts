/** `/api/<path>` of the page is `/<path>` of the collector's API. */
import { dashboardConfig } from '../../../lib/config.ts';
import { forward } from '../../../lib/server/forward.ts';

export const dynamic = 'force-dynamic';

const handle = (request: Request): Promise<Response> =>
  forward(request, '/api', dashboardConfig().api);

export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};
