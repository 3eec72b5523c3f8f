/**
 * One line for lists: what happened, from the record alone. Derived again by `fsck`, so it must
 * never depend on anything else.
 */
import { isObject, type Json, type JsonObject, readPath } from './json.ts';
import { TITLE_CHARS_MAX } from './limits.ts';

/** Which members say it best, by kind; the first that is there is shown behind the kind. */
const SUBJECTS: [prefix: string, paths: string[]][] = [
  ['egress.', ['http.host', 'net.dst_host']],
  ['file.rename', ['file.path']],
  ['file.', ['file.path']],
  ['process.exec', ['process.exe']],
  ['process.exit', ['process.exit_code']],
  ['net.', ['net.dst_host', 'net.dst_ip', 'net.path']],
  ['tool.', ['tool.name']],
  ['approval.mode', ['approval.to']],
  ['approval.', ['tool.name', 'tool.server']],
  ['classifier.', ['tool.name']],
  ['agent.', ['agent.type', 'agent.id']],
  ['model.', ['agent.model']],
  ['prompt.', ['prompt.command']],
  ['hook.', ['hook.name']],
  ['memory.', ['memory.path']],
  ['config.', ['config.path', 'hook.event']],
  ['plugin.', ['plugin.name']],
  ['skill.', ['skill.name']],
  ['mcp.', ['mcp.server', 'mcp.status']],
  ['telemetry.', ['source.shim', 'reason', 'boot']],
  ['alert.state', ['state']],
  ['alert', ['title']],
  ['open', ['user', 'source.principal']],
  ['end', ['target.chain']],
  ['join', ['target.chain']],
  ['close', ['reason']],
  ['access', ['action']],
  ['other', ['source.event', 'source.service']],
];

export function eventTitle(record: JsonObject, kind = String(record.kind)): string {
  let text = verbOf(record, kind);
  for (const path of subjectsOf(kind)) {
    const subject = readPath(record, path);
    if (!isShown(subject)) continue;
    text = joined(text, String(subject));
    break;
  }
  text = joined(text, tailOf(record, kind));
  if (text.length <= TITLE_CHARS_MAX) return text;
  // Half a character would be stored as U+FFFD, and not be what the record gives.
  return `${text.slice(0, TITLE_CHARS_MAX - 1).toWellFormed()}…`;
}

function joined(text: string, word: string): string {
  if (text === '' || word === '') return text === '' ? word : text;
  return `${text} ${word}`;
}

/**
 * Kinds that were met, with their subjects: a source may invent kinds, so that they are bounded.
 */
const met = new Map<string, string[]>();
const KINDS_KEPT_MAX = 500;

function subjectsOf(kind: string): string[] {
  const known = met.get(kind);
  if (known !== undefined) return known;
  const paths = SUBJECTS.find(([prefix]) => kind.startsWith(prefix))?.[1] ?? [];
  if (met.size < KINDS_KEPT_MAX) met.set(kind, paths);
  return paths;
}

function isShown(value: Json | undefined): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

const NOTHING: JsonObject = {};

/** A member that is an object; one without members where it is none. */
function group(record: JsonObject, name: string): JsonObject {
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  return isObject(value) ? value : NOTHING;
}

function member(of: JsonObject, name: string): Json | undefined {
  return of !== NOTHING && Object.hasOwn(of, name) ? of[name] : undefined;
}

function verbOf(record: JsonObject, kind: string): string {
  const method = member(group(record, 'http'), 'method');
  return typeof method === 'string' ? method : kind;
}

function tailOf(record: JsonObject, kind: string): string {
  const http = group(record, 'http');
  const [path, status] = [member(http, 'path'), member(http, 'status')];
  if (typeof path === 'string') return typeof status === 'number' ? `${path} → ${status}` : path;
  const file = group(record, 'file');
  const real = member(file, 'real_path');
  if (typeof real === 'string' && real !== member(file, 'path')) return `→ ${real}`;
  const target = member(file, 'target_path');
  if (typeof target === 'string') return `→ ${target}`;
  const denied = member(file, 'errno');
  return typeof denied === 'string' ? `(${denied})` : toolTail(record, kind);
}

/** What a tool call is about, and how it went where that is not well. */
function toolTail(record: JsonObject, kind: string): string {
  const tool = group(record, 'tool');
  const about = tool === NOTHING ? undefined : firstShown(tool, TOOL_SUBJECTS);
  let text = about === undefined ? '' : String(about);
  if (kind === 'approval.decision') {
    const decided = member(group(record, 'decision'), 'value');
    if (typeof decided === 'string') text = joined(text, `→ ${decided}`);
  }
  return member(tool, 'success') === false ? joined(text, '(failed)') : text;
}

function firstShown(of: JsonObject, names: readonly string[]): string | number | undefined {
  for (const name of names) {
    const value = member(of, name);
    if (isShown(value)) return value;
  }
  return undefined;
}

const TOOL_SUBJECTS = ['path', 'program', 'host', 'subagent_type', 'skill'];

/** OCSF-like rank of a record: 0 ordinary, 1 worth a look, 2 loss of sight, 3 to 5 alerts. */
export function eventSeverity(record: JsonObject, kind = String(record.kind)): number {
  if (kind === 'alert') return alertRank(record.severity);
  if (LOSS_KINDS.has(kind)) return 2;
  const denied = member(group(record, 'file'), 'errno') ?? member(group(record, 'http'), 'denied');
  if (denied !== undefined && denied !== false) return 1;
  const decided = member(group(record, 'decision'), 'value');
  const judged = member(group(record, 'classifier'), 'verdict');
  return isRefusal(decided) || isRefusal(judged) ? 1 : 0;
}

function isRefusal(word: Json | undefined): boolean {
  return word === 'reject' || word === 'deny' || word === 'abort';
}

/** Anyone may write a record of this kind: what it says may be no text, and not become one. */
function alertRank(word: Json | undefined): number {
  const known = typeof word === 'string' && Object.hasOwn(ALERT_RANK, word);
  return known ? ALERT_RANK[word]! : ALERT_RANK_LOWEST;
}

const ALERT_RANK_LOWEST = 3;
const ALERT_RANK: Record<string, number> = {
  informational: ALERT_RANK_LOWEST,
  low: ALERT_RANK_LOWEST,
  medium: ALERT_RANK_LOWEST,
  high: 4,
  critical: 5,
};
const LOSS_KINDS = new Set(['gap', 'conflict', 'broken', 'telemetry.gap', 'telemetry.drop']);

/** Every member that a title or a severity is derived from. */
export const TITLE_PATHS = [
  ...SUBJECTS.flatMap(([, paths]) => paths),
  ...TOOL_SUBJECTS.map((name) => `tool.${name}`),
  'tool.success',
  'http.method',
  'http.path',
  'http.status',
  'http.denied',
  'file.path',
  'file.real_path',
  'file.target_path',
  'file.errno',
  'decision.value',
  'classifier.verdict',
];
