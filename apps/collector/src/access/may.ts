/**
 * The one place that says who may do what. A principal has a role; a role has a list of actions.
 * Whatever is not listed is refused.
 */
import { PULL_STREAMS, type PullStream, ROLES, type Role } from '@vitrine/schema/api';

export interface Principal {
  id: string;
  role: Role;
  tenant: string;
  /** Of a token for consumers: the streams it reads, and then it may do little else. */
  pull?: readonly PullStream[];
}

export type Action =
  | 'alert.read'
  | 'alert.triage'
  | 'api.describe'
  | 'connector.manage'
  | 'connector.read'
  | 'dashboard.login'
  | 'dashboard.logout'
  | 'event.read'
  | 'evidence.export'
  | 'log.backup'
  | 'log.check'
  | 'log.read'
  | 'metrics.read'
  | 'otlp.ingest'
  | 'part.read'
  | 'part.redact'
  | 'pull.access'
  | 'pull.alerts'
  | 'pull.checkpoints'
  | 'pull.consume'
  | 'pull.events'
  | 'rule.manage'
  | 'rule.read'
  | 'sandbox.manage'
  | 'sandbox.read'
  | 'session.read'
  | 'token.manage';

export interface Resource {
  tenant: string;
  /** What is asked for, for the access record: a session, a leaf, a token id. */
  name?: string;
}

const READS: Action[] = [
  'api.describe',
  'alert.read',
  'connector.read',
  'dashboard.logout',
  'event.read',
  'log.read',
  'pull.alerts',
  'pull.checkpoints',
  'pull.consume',
  'pull.events',
  'rule.read',
  'sandbox.read',
  'session.read',
];

const GRANTED: Record<Role, ReadonlySet<Action>> = {
  admin: new Set<Action>([
    ...READS,
    'alert.triage',
    'connector.manage',
    'evidence.export',
    'log.backup',
    'log.check',
    'metrics.read',
    'otlp.ingest',
    'part.read',
    'part.redact',
    'pull.access',
    'rule.manage',
    'sandbox.manage',
    'token.manage',
  ]),
  // The analyst looks into content; the auditor proves, and sees no content.
  analyst: new Set<Action>([...READS, 'alert.triage', 'evidence.export', 'part.read']),
  auditor: new Set<Action>([...READS, 'evidence.export', 'log.check', 'pull.access']),
  ingest: new Set<Action>(['otlp.ingest']),
  runtime: new Set<Action>(['sandbox.manage', 'sandbox.read']),
  reader: new Set<Action>(READS),
};

/** Whether `principal` may do `action` to `resource`. Another tenant's things are never allowed. */
export function may(principal: Principal, action: Action, resource: Resource): boolean {
  const isGranted = GRANTED[principal.role].has(action);
  return principal.tenant === resource.tenant && isGranted && isInScope(principal, action);
}

/** Proofs hold no content; parts are told with the events they are parts of. */
function isInScope({ pull }: Principal, action: Action): boolean {
  if (pull === undefined || action === 'pull.consume' || action === 'log.read') return true;
  if (action === 'part.read') return pull.includes('events');
  return pull.some((stream) => action === `pull.${stream}`);
}

export function isStream(name: unknown): name is PullStream {
  return typeof name === 'string' && (PULL_STREAMS as readonly string[]).includes(name);
}

export function isRole(value: unknown): value is Role {
  return typeof value === 'string' && (ROLES as readonly string[]).includes(value);
}
