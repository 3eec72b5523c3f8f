/**
 * What each kind of record is called in OCSF and in ECS. `docs/reference/normalise.md` shows the
 * same table, made from this one.
 */
import { isAlert, isSupervised, type LogEntry } from './entry.ts';

/** OCSF 1.8.0: the classes that records become, with their category. */
export const OCSF_CLASSES = {
  base: { uid: 0, category: 0, name: 'Base Event' },
  file: { uid: 1001, category: 1, name: 'File System Activity' },
  kernel: { uid: 1003, category: 1, name: 'Kernel Activity' },
  job: { uid: 1006, category: 1, name: 'Scheduled Job Activity' },
  process: { uid: 1007, category: 1, name: 'Process Activity' },
  log: { uid: 1008, category: 1, name: 'Event Log Activity' },
  finding: { uid: 2004, category: 2, name: 'Detection Finding' },
  authentication: { uid: 3002, category: 3, name: 'Authentication' },
  authorize: { uid: 3003, category: 3, name: 'Authorize Session' },
  entity: { uid: 3004, category: 3, name: 'Entity Management' },
  network: { uid: 4001, category: 4, name: 'Network Activity' },
  http: { uid: 4002, category: 4, name: 'HTTP Activity' },
  dns: { uid: 4003, category: 4, name: 'DNS Activity' },
  config: { uid: 5019, category: 5, name: 'Device Config State Change' },
  application: { uid: 6002, category: 6, name: 'Application Lifecycle' },
  api: { uid: 6003, category: 6, name: 'API Activity' },
  scan: { uid: 6007, category: 6, name: 'Scan Activity' },
} as const;

export type OcsfClass = keyof typeof OCSF_CLASSES;

/** `activity_id` for what the class has no number for: `activity_name` says it. */
export const OCSF_OTHER = 99;

/** The number of an activity, or the name of one that has none. */
type Activity = number | string;

export interface Kind {
  ocsf: { class: OcsfClass; activity: Activity };
  /** `event.category` and `event.type`; both may be empty. */
  ecs: { category: string[]; type: string[] };
}

function kind(of: OcsfClass, activity: Activity, category: string, type: string): Kind {
  const words = (text: string) => text.split(' ').filter((word) => word !== '');
  return { ocsf: { class: of, activity }, ecs: { category: words(category), type: words(type) } };
}

/** Kinds that sources tell of (`EVENT_KINDS`). */
export const KINDS: Record<string, Kind> = {
  'session.start': kind('application', 3, 'session', 'start'),
  'session.end': kind('application', 4, 'session', 'end'),
  'session.resume': kind('application', 5, 'session', 'start'),
  'prompt.submit': kind('api', 1, 'api', 'user'),
  'model.request': kind('api', 'Model Request', 'api', 'start'),
  'model.response': kind('api', 'Model Response', 'api', 'end'),
  'model.error': kind('api', 'Model Error', 'api', 'end'),
  'model.refusal': kind('api', 'Model Refusal', 'api', 'denied'),
  'context.compact': kind('api', 'Context Compact', 'api', 'change'),
  'tool.call': kind('api', 'Tool Call', 'api', 'start'),
  'tool.result': kind('api', 'Tool Result', 'api', 'end'),
  'tool.list': kind('entity', 3, 'configuration', 'info'),
  'mcp.connection': kind('api', 'MCP Connection', 'api', 'info'),
  'skill.use': kind('api', 'Skill Use', 'api', 'start'),
  'plugin.change': kind('application', 8, 'package', 'change'),
  'approval.request': kind('authorize', 'Request', 'iam api', 'info'),
  'approval.decision': kind('authorize', 1, 'iam api', 'user'),
  'approval.mode_change': kind('config', 1, 'configuration', 'change'),
  'process.exec': kind('process', 1, 'process', 'start'),
  'process.exit': kind('process', 2, 'process', 'end'),
  syscall: kind('kernel', 4, 'process', 'info'),
  'file.open': kind('file', 14, 'file', 'access'),
  'file.read': kind('file', 2, 'file', 'access'),
  'file.create': kind('file', 1, 'file', 'creation'),
  'file.write': kind('file', 3, 'file', 'change'),
  'file.delete': kind('file', 4, 'file', 'deletion'),
  'file.rename': kind('file', 5, 'file', 'change'),
  'file.link': kind('file', 1, 'file', 'creation'),
  'file.symlink': kind('file', 1, 'file', 'creation'),
  'file.truncate': kind('file', 3, 'file', 'change'),
  'file.chmod': kind('file', 7, 'file', 'change'),
  'file.mkdir': kind('file', 1, 'file', 'creation'),
  'file.mount': kind('file', 12, 'file', 'change'),
  'net.connect': kind('network', 1, 'network', 'connection start'),
  'net.listen': kind('network', 7, 'network', 'connection info'),
  'dns.query': kind('dns', 1, 'network', 'protocol info'),
  'egress.request': kind('http', 'by method', 'network web', 'access'),
  'egress.response': kind('http', 'by method', 'network web', 'access'),
  'egress.tunnel': kind('network', 1, 'network', 'connection start'),
  'egress.error': kind('network', 4, 'network', 'connection info'),
  'memory.load': kind('file', 2, 'file', 'access'),
  'memory.write': kind('file', 3, 'file', 'change'),
  'schedule.change': kind('job', 2, 'configuration', 'change'),
  'config.change': kind('config', 1, 'configuration', 'change'),
  'mount.change': kind('config', 1, 'configuration', 'change'),
  'agent.spawn': kind('application', 3, 'process', 'start'),
  'agent.stop': kind('application', 4, 'process', 'end'),
  'agent.message': kind('api', 'Agent Message', 'api', 'info'),
  'identity.auth': kind('authentication', 'by action', 'authentication', 'info'),
  'identity.grant': kind('authorize', 1, 'iam', 'change'),
  'classifier.verdict': kind('scan', 2, 'intrusion_detection', 'info'),
  'policy.decision': kind('scan', 2, 'intrusion_detection', 'info'),
  'hook.run': kind('api', 'Hook Run', 'api', 'info'),
  'telemetry.hello': kind('application', 3, 'host', 'start'),
  'telemetry.heartbeat': kind('application', 'Heartbeat', 'host', 'info'),
  'telemetry.drop': kind('log', 7, 'host', 'info'),
  'telemetry.gap': kind('log', 7, 'host', 'info'),
  'telemetry.bye': kind('application', 4, 'host', 'end'),
};

/** Kinds that have a meaning in the sequencer's own chains alone (LOG.md §2). */
export const SUPERVISED: Record<string, Kind> = {
  open: kind('application', 3, 'session', 'start'),
  join: kind('log', 6, 'session', 'info'),
  end: kind('log', 7, 'session', 'info'),
  close: kind('application', 4, 'session', 'end'),
  gap: kind('log', 7, 'host', 'info'),
  conflict: kind('log', 'Conflict', 'host', 'info'),
  broken: kind('log', 7, 'host', 'info'),
  access: kind('api', 2, 'api', 'access'),
  redact: kind('log', 2, 'database', 'change'),
  expire: kind('log', 2, 'database', 'change'),
};

/** Any other record: everything of it stays as it is. */
export const UNKNOWN: Kind = kind('base', 'by kind', '', 'info');

/** Alerts, in `log/alert`. */
export const ALERT: Kind = kind('finding', 1, 'intrusion_detection', 'info');

export function kindOf(entry: LogEntry): Kind {
  if (isAlert(entry)) return ALERT;
  const table = isSupervised(entry) ? SUPERVISED : KINDS;
  return Object.hasOwn(table, entry.kind) ? table[entry.kind]! : UNKNOWN;
}
