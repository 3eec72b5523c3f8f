/** `POST /login/session`: the code of a login link for a cookie. */
import { dashboardConfig } from '../../../lib/config.ts';
import { beginSession } from '../../../lib/server/login.ts';

export function POST(request: Request): Promise<Response> {
  return beginSession(request, dashboardConfig().api, Date.now());
}
