/**
 * Which requests are on disk before they are answered, and what the last of an intake's share of
 * the spool is kept for. Everything else is with the kernel when it is answered, and on disk soon.
 */
import type { SandboxEvent } from '@vitrine/schema';

export type Priority = 'critical' | 'bulk';

/**
 * Few in an honest session, and each of them may be all that is left of an incident. Not among
 * them: what an agent says and is told, tool calls, reads and writes of files, plain system calls,
 * for these are what fills a spool.
 */
const CRITICAL_KINDS: ReadonlySet<string> = new Set([
  // The frame of everything else.
  'session.start',
  'session.end',
  'session.resume',
  // Who allowed what, and what a guard said: without it nobody can be held to it.
  'approval.request',
  'approval.decision',
  'approval.mode_change',
  'classifier.verdict',
  'policy.decision',
  // What runs, and what leaves the sandbox: the first two questions about any incident.
  'process.exec',
  'net.connect',
  'net.listen',
  'egress.request',
  'egress.tunnel',
  'egress.error',
  // Whose credentials, and what was changed for the next session.
  'identity.auth',
  'identity.grant',
  'config.change',
  'mount.change',
  'schedule.change',
  'plugin.change',
  'memory.write',
  'agent.spawn',
  // What destroys evidence, or leads out of a mount.
  'file.delete',
  'file.rename',
  'file.truncate',
  'file.link',
  'file.symlink',
  'file.chmod',
  'file.mount',
  // A loss is evidence.
  'telemetry.drop',
  'telemetry.gap',
]);

/** A request is taken or refused as a whole: one critical event makes it critical. */
export function priorityOf(events: SandboxEvent[]): Priority {
  return events.some(({ kind }) => CRITICAL_KINDS.has(kind)) ? 'critical' : 'bulk';
}
