/** `POST /login/end`: signs this browser out. */
import { dashboardConfig } from '../../../lib/config.ts';
import { endSession } from '../../../lib/server/login.ts';

export function POST(request: Request): Promise<Response> {
  return endSession(request, dashboardConfig().api);
}
