/**
 * The members of a rule beside its detection, checked as the specification's JSON schema
 * (`sigma-detection-rule-schema.json`) does, and the logsources this engine has.
 */
import { invalid, unsupported } from './error.ts';

export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

export interface Metadata {
  title: string;
  uuid: string | undefined;
  status: Status;
  level: Level | undefined;
  tags: string[];
  fields: string[];
  falsepositives: string[];
  description: string | undefined;
  /** Kinds the rule's logsource stands for; a trailing dot stands for all kinds below. */
  kinds: string[] | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE = /^\d{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])$/;
const TAG = /^[a-z0-9_-]+\.[a-z0-9._-]+$/;
const TITLE_CHARS_MAX = 256;
const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'] as const;
export type Status = (typeof STATUSES)[number];
const RELATIONS = ['derived', 'obsolete', 'merged', 'renamed', 'similar'];
const TEXTS = ['name', 'taxonomy', 'description', 'license', 'author'];
const DATES = ['date', 'modified'];

/** The product of all rules for this engine. */
export const PRODUCT = 'agent_sandbox';
const CATEGORIES: Record<string, string[]> = {
  session: ['session.', 'open', 'close'],
  dialogue: ['prompt.', 'model.', 'context.'],
  tool: ['tool.', 'mcp.', 'skill.', 'plugin.'],
  approval: ['approval.'],
  process: ['process.', 'syscall'],
  process_creation: ['process.exec'],
  file: ['file.'],
  network: ['net.', 'dns.', 'egress.'],
  network_connection: ['net.connect'],
  dns_query: ['dns.query'],
  egress_request: ['egress.request'],
  state: ['memory.', 'schedule.', 'config.', 'mount.'],
  agent: ['agent.'],
  identity: ['identity.'],
  guard: ['classifier.', 'policy.', 'hook.'],
  telemetry: ['telemetry.', 'gap', 'conflict', 'broken', 'end'],
};

/** `hasSource`: a correlation has no logsource, for its rules have theirs. */
export function readMetadata(rule: Record<string, unknown>, hasSource: boolean): Metadata {
  const title = textOf(rule, 'title');
  if (title === undefined || title === '') throw invalid('title is missing');
  if (title.length > TITLE_CHARS_MAX) throw invalid(`title is longer than ${TITLE_CHARS_MAX}`);
  for (const name of TEXTS) textOf(rule, name);
  for (const name of DATES) matching(rule, name, DATE);
  matching(rule, 'id', UUID);
  oneOf(rule, 'status', STATUSES);
  oneOf(rule, 'level', LEVELS);
  checkRelated(rule.related);
  listOf(rule, 'references');
  listOf(rule, 'scope');
  const tags = listOf(rule, 'tags');
  const wrong = tags.find((tag) => !TAG.test(tag));
  if (wrong !== undefined) throw invalid(`tags: ${wrong} is not of the form namespace.name`);
  if (rule.taxonomy !== undefined && rule.taxonomy !== 'vitrine') {
    throw unsupported(`taxonomy ${rule.taxonomy} is not supported: fields are those of a record`);
  }
  if (rule.status === 'deprecated' || rule.status === 'unsupported') {
    throw unsupported(`its status is ${rule.status}`);
  }
  return {
    title,
    uuid: rule.id as string | undefined,
    status: (rule.status as Status | undefined) ?? 'experimental',
    level: rule.level as Level | undefined,
    tags,
    fields: listOf(rule, 'fields'),
    falsepositives: textsOf(rule, 'falsepositives'),
    description: rule.description as string | undefined,
    kinds: hasSource ? kindsOf(rule.logsource) : undefined,
  };
}

function textOf(rule: Record<string, unknown>, name: string): string | undefined {
  const value = rule[name];
  if (value !== undefined && typeof value !== 'string') throw invalid(`${name} is not text`);
  return value;
}

function matching(rule: Record<string, unknown>, name: string, form: RegExp): void {
  const value = textOf(rule, name);
  if (value !== undefined && !form.test(value)) throw invalid(`${name}: ${value} has a wrong form`);
}

function oneOf(rule: Record<string, unknown>, name: string, allowed: readonly string[]): void {
  const value = textOf(rule, name);
  if (value !== undefined && !allowed.includes(value)) {
    throw invalid(`${name}: ${value} is not one of ${allowed.join(', ')}`);
  }
}

function listOf(rule: Record<string, unknown>, name: string): string[] {
  const list = rule[name] ?? [];
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
    throw invalid(`${name} is not a list of texts`);
  }
  if (new Set(list).size !== list.length) throw invalid(`${name}: an entry stands twice`);
  return list;
}

/** One text, or a list of them. */
function textsOf(rule: Record<string, unknown>, name: string): string[] {
  const value = rule[name];
  return typeof value === 'string' ? [value] : listOf(rule, name);
}

function checkRelated(related: unknown): void {
  if (related === undefined) return;
  if (!Array.isArray(related)) throw invalid('related is not a list');
  for (const item of related as { id?: unknown; type?: unknown }[]) {
    const { id, type } = item ?? {};
    if (typeof id !== 'string' || !UUID.test(id) || !RELATIONS.includes(String(type))) {
      throw invalid('related: an entry needs id and type');
    }
  }
}

function kindsOf(logsource: unknown): string[] | undefined {
  if (typeof logsource !== 'object' || logsource === null || Array.isArray(logsource)) {
    throw invalid('logsource is missing');
  }
  const source = logsource as Record<string, unknown>;
  for (const name of Object.keys(source)) {
    if (!['category', 'product', 'service', 'definition'].includes(name)) {
      throw invalid(`logsource.${name} is not known`);
    }
    textOf(source, name);
  }
  const { product, category, service } = source as Record<string, string | undefined>;
  if (product !== PRODUCT) {
    throw unsupported(`logsource.product ${product ?? 'is missing'}: only ${PRODUCT} is here`);
  }
  if (service !== undefined) throw unsupported(`logsource.service ${service} is not known`);
  return category === undefined ? undefined : kindsOfCategory(category);
}

/** Throws RULE_UNSUPPORTED for a category that is not known. */
export function kindsOfCategory(category: string): string[] {
  const kinds = Object.hasOwn(CATEGORIES, category) ? CATEGORIES[category] : undefined;
  if (kinds === undefined) throw unsupported(`logsource.category ${category} is not known`);
  return kinds;
}
