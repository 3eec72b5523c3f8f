/**
 * The names that a query may ask for, and what each stands for: a column of the stored row, or
 * members of the record. Any other member is asked for by its dotted path.
 */

/** Columns of a row that a query may read. */
export type ColumnName =
  | 'agent'
  | 'idx'
  | 'kind'
  | 'observed'
  | 'peer'
  | 'sandbox'
  | 'seq'
  | 'session'
  | 'shim'
  | 'subject'
  | 't'
  | 'title'
  | 'vantage'
  | 'via';

export type FieldType = 'text' | 'number' | 'time' | 'severity' | 'member';

export interface QueryField {
  name: string;
  type: FieldType;
  /** What holds its value, if that is a column. */
  column?: ColumnName;
  /** Case is part of it: a name that the engine finds by its order. */
  exact?: true;
  /** Members that are asked, one after the other, if it is none. */
  paths?: readonly string[];
  /** For people: what it is. */
  means: string;
}

const column = (name: string, type: FieldType, of: ColumnName, means: string): QueryField => {
  return { name, type, column: of, means };
};
const members = (name: string, paths: string, means: string): QueryField => {
  return { name, type: 'member', paths: paths.split(' '), means };
};

/** Of alerts, from the least to the worst. */
export const SEVERITY_WORDS = ['informational', 'low', 'medium', 'high', 'critical'] as const;

export const QUERY_FIELDS: readonly QueryField[] = [
  column('kind', 'text', 'kind', 'kind of event, such as `file.read`'),
  {
    ...column('session', 'text', 'session', 'session of the record; `log` for the log’s own'),
    exact: true,
  },
  column('vantage', 'text', 'vantage', 'who saw it: `agent`, `guest`, `boundary` or `host`'),
  column('agent', 'text', 'agent', 'agent inside the session (`agent.id`)'),
  column('time', 'time', 't', 'when it happened, by the maker’s clock'),
  column('observed', 'time', 'observed', 'when it was received, by the host’s clock'),
  { name: 'severity', type: 'severity', means: 'of an alert: a word; of any record: rank 0 to 5' },
  column('title', 'text', 'title', 'the line that lists show'),
  { ...column('subject', 'text', 'subject', 'session that an alert is about'), exact: true },
  column('shim', 'text', 'shim', 'who made the record inside its session'),
  column('sandbox', 'text', 'sandbox', 'sandbox, as the connection named it'),
  column('via', 'text', 'via', 'how it was received, such as `opp` or `otlp`'),
  column('peer', 'text', 'peer', 'where the connection came from'),
  column('index', 'number', 'idx', 'leaf index in the log'),
  column('seq', 'number', 'seq', 'place in its chain'),
  members('host', 'http.host http.sni net.dst_host dns.name host.name host.id host.ip', 'host'),
  members('ip', 'net.dst_ip net.src_ip host.ip', 'network address'),
  members('port', 'net.dst_port net.src_port', 'network port'),
  members(
    'path',
    'file.path file.real_path file.target_path http.path net.path tool.path memory.path ' +
      'config.path',
    'path of a file, a socket, or a request',
  ),
  members('exe', 'process.exe tool.program host.process.exe', 'program'),
  members('pid', 'process.pid host.process.pid', 'process id, as its observer numbers it'),
  members('ppid', 'process.ppid', 'process id of the parent'),
  members('cwd', 'process.cwd', 'working directory'),
  members('uid', 'process.uid', 'user id of a process'),
  members('exit', 'process.exit_code', 'exit code'),
  members('errno', 'file.errno net.errno', 'why the system refused, such as `EACCES`'),
  members('mount', 'file.mount', 'mount that a file is on'),
  members('user', 'user user.id user.name user.email user.account', 'person'),
  members('rule', 'rule', 'rule of an alert'),
  members('method', 'http.method', 'request method'),
  members('function', 'http.function', 'what a request does, such as `anthropic.files.create`'),
  members('status', 'http.status', 'response status'),
  members('bytes', 'http.req_bytes http.resp_bytes file.bytes net.bytes_out net.bytes_in', 'bytes'),
  members('credential', 'http.auth_fp', 'fingerprint of the credential of a request'),
  members('tool', 'tool.name', 'tool of a call or an approval'),
  members('server', 'tool.server mcp.server', 'MCP server'),
  members('decision', 'decision.value', 'how an approval was decided'),
  members('verdict', 'classifier.verdict', 'what a classifier said'),
  members('model', 'agent.model', 'model'),
  members('product', 'agent.product', 'product of the agent'),
  members('hook', 'hook.name hook.event', 'hook'),
  members('skill', 'skill.name tool.skill', 'skill'),
  members('plugin', 'plugin.name', 'plugin'),
  members('source', 'source.service source.event source.shim', 'what sent it, in its own words'),
  members('reason', 'reason', 'why a session or a chain ended, or what was lost'),
  members('id', 'id', 'id of an alert'),
];

/** First names of dotted paths that records are known to have; others go by `record.`. */
const GROUPS: ReadonlySet<string> = new Set(
  (
    'agent approval by classifier config content decision dns error event file host hook http ' +
    'identity mcp memory model mount net org parts plugin policy process prompt request risk ' +
    'sandbox schedule session skill source span target task telemetry tool trace usage user'
  ).split(' '),
);

/** In front of the path of a member whose name none of the above is. */
export const MEMBER_PREFIX = 'record.';

const byName = new Map(QUERY_FIELDS.map((field) => [field.name, field]));

/** What a name of a query asks; `undefined` where there is none. */
export function fieldOf(name: string): QueryField | undefined {
  const known = byName.get(name);
  if (known !== undefined) return known;
  const prefixed = name.startsWith(MEMBER_PREFIX);
  const path = prefixed ? name.slice(MEMBER_PREFIX.length) : name;
  const group = path.split('.', 1)[0]!;
  if (!prefixed && (group === path || !GROUPS.has(group))) return undefined;
  return { name, type: 'member', paths: [path], means: 'member of the record' };
}

const SUGGEST_DISTANCE_MAX = 2;

/** The known name that differs least from one that is none, if it differs little. */
export function nearestField(name: string): string | undefined {
  const dot = name.indexOf('.');
  if (dot > 0) {
    const group = closest(name.slice(0, dot), GROUPS);
    return group === undefined ? undefined : `${group}${name.slice(dot)}`;
  }
  return closest(name, byName.keys());
}

function closest(name: string, among: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.min(SUGGEST_DISTANCE_MAX, Math.ceil(name.length / 2)) + 1;
  for (const other of among) {
    const distance = distanceOf(name.toLowerCase(), other);
    if (distance < least) [best, least] = [other, distance];
  }
  return best;
}

/** Restricted edit distance: insert, delete, replace, and swap of neighbours. */
function distanceOf(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > SUGGEST_DISTANCE_MAX) return SUGGEST_DISTANCE_MAX + 1;
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
