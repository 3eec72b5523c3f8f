/** Every route of the API, in the order they are tried. */
import type { Route } from '../context.ts';
import { alertRoutes } from './alerts.ts';
import { backupRoutes } from './backup.ts';
import { connectorRoutes } from './connectors.ts';
import { describeRoutes } from './describe.ts';
import { eventRoutes } from './events.ts';
import { evidenceRoutes } from './evidence.ts';
import { fsckRoutes } from './fsck.ts';
import { healthRoutes } from './health.ts';
import { incidentRoutes } from './incidents.ts';
import { logRoutes } from './log.ts';
import { loginRoutes } from './login.ts';
import { pullRoutes } from './pull.ts';
import { redactionRoutes } from './redactions.ts';
import { ruleRoutes } from './rules.ts';
import { sandboxRoutes } from './sandboxes.ts';
import { sessionRoutes } from './sessions.ts';
import { sourceRoutes } from './sources.ts';
import { statsRoutes } from './stats.ts';
import { tailRoutes } from './tail.ts';
import { tokenRoutes } from './tokens.ts';
import { viewRoutes } from './views.ts';

export const routes: Route[] = [
  ...healthRoutes,
  ...sessionRoutes,
  ...statsRoutes,
  ...viewRoutes,
  ...sourceRoutes,
  ...evidenceRoutes,
  ...eventRoutes,
  ...redactionRoutes,
  ...alertRoutes,
  ...incidentRoutes,
  ...tailRoutes,
  ...pullRoutes,
  ...logRoutes,
  ...fsckRoutes,
  ...backupRoutes,
  ...ruleRoutes,
  ...connectorRoutes,
  ...sandboxRoutes,
  ...tokenRoutes,
  ...loginRoutes,
];
routes.push(...describeRoutes(routes));
