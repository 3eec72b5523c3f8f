/** The kinds of events in groups, as the filter offers them. */
import { EVENT_KINDS, SUPERVISOR_KINDS } from '@vitrine/schema/record';

export interface KindGroup {
  name: string;
  kinds: readonly string[];
}

const GROUPS: [name: string, prefixes: string[]][] = [
  ['Files', ['file']],
  ['Processes', ['process', 'syscall']],
  ['Network', ['net', 'dns', 'egress']],
  ['Tools', ['tool', 'mcp', 'skill', 'plugin']],
  ['Approvals', ['approval', 'policy', 'classifier', 'hook']],
  ['Model', ['prompt', 'model', 'context', 'memory']],
  ['Agents', ['agent', 'session', 'schedule', 'config', 'mount', 'identity']],
  ['Telemetry', ['telemetry', 'other']],
];

/** What the sequencer writes about a session (LOG.md §2). */
const LOG_KINDS = [...SUPERVISOR_KINDS, 'gap', 'conflict', 'broken'];

export const KIND_GROUPS: readonly KindGroup[] = [
  ...GROUPS.map(([name, prefixes]) => ({
    name,
    kinds: [...EVENT_KINDS].filter((kind) => prefixes.includes(kind.split('.')[0]!)),
  })),
  { name: 'Log', kinds: LOG_KINDS },
];
