/**
 * The nouns every package shares: what an event is before it is chained, who may have seen it,
 * and the kinds that have a name. Imports nothing of ours but types.
 */
import type { EventColumns } from './columns.ts';
import type { JsonObject } from './json.ts';

/** Who saw an event, from the least to the most independent of the agent (vantage.md). */
export const VANTAGES = ['agent', 'guest', 'boundary', 'host'] as const;
export type Vantage = (typeof VANTAGES)[number];

export function isVantage(value: unknown): value is Vantage {
  return typeof value === 'string' && (VANTAGES as readonly string[]).includes(value);
}

/** A source is never believed above the place where it stands: the lower of two vantages. */
export function lowerVantage(a: Vantage, b: Vantage): Vantage {
  return VANTAGES.indexOf(a) <= VANTAGES.indexOf(b) ? a : b;
}

/** One event before it has a place in a chain. */
export interface SandboxEvent {
  /** `[a-z0-9._]{1,64}` */
  kind: string;
  /** Unix nanoseconds by the maker's clock, decimal text. */
  t: string;
  /** What the source itself calls its session, if it says so. Never trusted for relayed input. */
  session?: string;
  /** `event.sequence` of the source, if it numbers its events. */
  sequence?: number;
  /** Nested members beside the reserved ones; where there is `text`, what a relay asks for. */
  fields: JsonObject;
  /** All members, where they came as their canonical text. */
  text?: MembersText;
  /** Beside a text, derived while it was read. */
  columns?: EventColumns;
  /** Sensitive or large content by part name `[a-z0-9_.-]{1,64}`. */
  parts: Record<string, Uint8Array>;
}

/**
 * Canonical text of an event's members in `chunk`, in the order of the record and cut where the
 * reserved members go: what stands before the last of them has a comma behind each member, what
 * follows it a comma in front.
 */
export interface MembersText {
  chunk: Uint8Array;
  start: number;
  /** From `at` on one for each reserved member, and the end of the whole. */
  ends: Uint32Array;
  at: number;
}

/** Members of a record that no source may set (LOG.md §1). */
export const RESERVED_FIELDS = [
  'kind',
  'parts',
  'prev',
  'seq',
  'session',
  'shim',
  't',
  'v',
] as const;

/** Kinds that only the sequencer may give a meaning to, each in its own chain (LOG.md §2). */
export const SUPERVISOR_KINDS = ['open', 'join', 'end', 'close'] as const;

/** The event kinds (path.md); any other name becomes `other`. */
export const EVENT_KINDS: ReadonlySet<string> = new Set([
  'session.start',
  'session.end',
  'session.resume',
  'prompt.submit',
  'model.request',
  'model.response',
  'model.error',
  'model.refusal',
  'context.compact',
  'tool.call',
  'tool.result',
  'tool.list',
  'mcp.connection',
  'skill.use',
  'plugin.change',
  'approval.request',
  'approval.decision',
  'approval.mode_change',
  'process.exec',
  'process.exit',
  'syscall',
  'file.open',
  'file.read',
  'file.create',
  'file.write',
  'file.delete',
  'file.rename',
  'file.link',
  'file.symlink',
  'file.truncate',
  'file.chmod',
  'file.mkdir',
  'file.mount',
  'net.connect',
  'net.listen',
  'dns.query',
  'egress.request',
  'egress.response',
  'egress.tunnel',
  'egress.error',
  'memory.load',
  'memory.write',
  'schedule.change',
  'config.change',
  'mount.change',
  'agent.spawn',
  'agent.stop',
  'agent.message',
  'identity.auth',
  'identity.grant',
  'classifier.verdict',
  'policy.decision',
  'hook.run',
  'telemetry.hello',
  'telemetry.heartbeat',
  'telemetry.drop',
  'telemetry.gap',
  'telemetry.bye',
  'other',
]);

/** The host, the process there that runs the sandbox, the EDR's own name for it. */
export interface HostIdentity {
  name: string;
  id?: string;
  ip?: string;
  os?: string;
  process?: { pid: number; start?: string; exe?: string };
  edr?: EdrIdentity;
}

/** A host as its EDR knows it. */
export interface EdrIdentity {
  vendor: string;
  device_id: string;
}

/** A directory that was granted to a session. */
export interface Grant {
  path: string;
  mode: 'ro' | 'rw' | 'rw_no_delete';
}

/** What the runtime tells of a session before its first event: the body of `open` (LOG.md §2). */
export interface SandboxDescription {
  runtime: 'native' | 'gvisor' | 'container' | 'vm' | 'microvm' | 'none';
  host: HostIdentity;
  user?: string;
  command?: string[];
  image?: string;
  policy?: string;
  /** What the session is for; rules about evaluations ask for it. */
  purpose?: 'work' | 'evaluation';
  /**
   * Functions of providers it may use beside those that an agent needs to reach its model, by their
   * names in the capability catalogue; with `*` at the end, all that begin so.
   */
  functions?: string[];
  grants: Grant[];
  /** Fingerprints of the session's own credentials (`auth_fp`), never a secret. */
  credentials: string[];
  /** Hosts the egress policy allows. */
  hosts: string[];
  /** Sources that should be heard, by shim name; a missing one is named in a telemetry record. */
  expected: string[];
  /** Sources that cannot be had on this machine, with the reason. */
  absent: { source: string; reason: string }[];
}
