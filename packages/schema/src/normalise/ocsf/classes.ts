/** What each OCSF class wants beside the members that every event has. */
import type { JsonObject } from '../../json.ts';
import { subjectOf } from '../entry.ts';
import { type Facts, filled, some } from '../facts.ts';
import type { Kind, OcsfClass } from '../kinds.ts';
import {
  fileAt,
  fileOf,
  HTTP_METHODS,
  localOf,
  processOf,
  remoteOf,
  requestOf,
  responseOf,
  userOf,
} from './objects.ts';

export interface Body {
  class: OcsfClass;
  activity: number | string;
  members: JsonObject;
  /** Members of profile `ai_operation`. */
  ai?: JsonObject | undefined;
}

type Builder = (facts: Facts) => JsonObject | Partial<Body>;

const OUTBOUND = 2;
const OTHER = 99;
const LOGON = 1;
const LOGOFF = 2;
const SYSTEM_CALL = 2;
const UNKNOWN_ACTIVITY = 0;
/** `ai_role_id`: who speaks; a tool unless said otherwise. */
const ROLES: Record<string, number> = {
  'prompt.submit': 1,
  'model.request': 4,
  'model.response': 2,
  'model.error': 2,
  'model.refusal': 2,
  'agent.message': 4,
};
const ROLE_TOOL = 3;

export function bodyOf({ class: of, activity }: Kind['ocsf'], facts: Facts): Body {
  const made = BUILDERS[of](facts);
  const given = 'members' in made ? (made as Partial<Body>) : { members: made as JsonObject };
  const name = activity === 'by kind' ? facts.short(facts.entry.kind, 'kind') : activity;
  return { class: of, activity: name, members: {}, ...given };
}

const BUILDERS: Record<OcsfClass, Builder> = {
  base: () => ({}),
  // Alerts have a builder of their own.
  finding: () => ({}),
  file: fileBody,
  kernel(facts) {
    const name = facts.firstText('syscall.name', 'syscall') ?? 'unknown';
    return { kernel: { name, type_id: SYSTEM_CALL, system_call: name } };
  },
  job(facts) {
    const name = facts.firstText('schedule.name', 'schedule.id') ?? 'schedule';
    return { job: filled({ name, cmd_line: facts.text('schedule.command') }) };
  },
  process(facts) {
    const process = processOf(facts) ?? { uid: 'unknown' };
    return {
      members: filled({ process, exit_code: facts.count('process.exit_code') }),
      ai: aiOf(facts),
    };
  },
  log: (facts) => ({
    log_name:
      facts.firstText('target.chain', 'source.shim') ?? facts.short(facts.entry.shim, 'shim'),
  }),
  authentication: authenticationBody,
  authorize: authorizeBody,
  entity(facts) {
    const name = facts.firstText('tool.server', 'tool.source', 'tool.name') ?? 'tools';
    const version = facts.text('tool.def_hash');
    return { entity: filled({ name, type_id: OTHER, type: 'tool list', version }) };
  },
  network: networkBody,
  http: httpBody,
  dns(facts) {
    const hostname = facts.firstText('dns.name', 'net.dst_host') ?? 'unknown';
    return { ...networkBody(facts), query: filled({ hostname, type: facts.text('dns.type') }) };
  },
  config: () => ({}),
  application: (facts) => ({ app: appOf(facts) }),
  api: apiBody,
  scan(facts) {
    const { kind } = facts.entry;
    const name = facts.firstText('classifier.name', 'policy.name', 'decision.source') ?? kind;
    const type = kind === 'policy.decision' ? 'policy' : 'classifier';
    return { scan: { name, type_id: OTHER, type } };
  },
};

function fileBody(facts: Facts): JsonObject {
  const path = facts.firstText('file.path', 'memory.path') ?? 'unknown';
  const target = facts.entry.kind === 'file.rename' ? facts.text('file.target_path') : undefined;
  const memory = facts.entry.kind.startsWith('memory.');
  const tags = memory ? [{ name: 'agent_memory', value: 'true' }] : [];
  const file = filled({ ...fileOf(facts, path), tags });
  return filled({ file, file_result: target === undefined ? undefined : fileAt(target) });
}

function networkBody(facts: Facts): JsonObject {
  const bytes = { bytes_out: facts.count('net.bytes_out'), bytes_in: facts.count('net.bytes_in') };
  const listens = facts.entry.kind === 'net.listen';
  const connection = filled({
    direction_id: listens ? 0 : OUTBOUND,
    protocol_name: facts.firstText('net.proto', 'net.family'),
  });
  return filled({
    src_endpoint: localOf(facts),
    dst_endpoint: remoteOf(facts),
    connection_info: connection,
    traffic: some(bytes),
  });
}

/** Without a method, path or status there is no HTTP to tell of: a connection remains. */
function httpBody(facts: Facts): Partial<Body> {
  const network = networkBody(facts);
  const request = requestOf(facts);
  const response = responseOf(facts);
  if (request === undefined && response === undefined) {
    return { class: 'network', activity: UNKNOWN_ACTIVITY, members: network };
  }
  const method = facts.text('http.method');
  const known = method !== undefined && Object.hasOwn(HTTP_METHODS, method);
  return {
    activity: known ? HTTP_METHODS[method]! : (method ?? UNKNOWN_ACTIVITY),
    members: filled({ ...network, http_request: request, http_response: response }),
  };
}

function authenticationBody(facts: Facts): Partial<Body> {
  const action = facts.text('auth.action');
  const method = facts.text('auth.method');
  const service = { name: facts.text('agent.product') ?? 'agent' };
  const user = userOf(facts) ?? { name: 'unknown' };
  const protocol = method === undefined ? {} : { auth_protocol_id: OTHER, auth_protocol: method };
  const activity = action === 'logout' ? LOGOFF : LOGON;
  return { activity, members: { user, service, ...protocol } };
}

function authorizeBody(facts: Facts): JsonObject {
  const tool = facts.firstText('tool.name', 'tool.server');
  const session = { uid: facts.short(subjectOf(facts.entry), 'session') };
  const user = userOf(facts) ?? { name: 'unknown' };
  return { user, session, privileges: [tool === undefined ? facts.entry.kind : `tool:${tool}`] };
}

/** The program a life-cycle record is about: a plugin, a shim, or the agent itself. */
function appOf(facts: Facts): JsonObject {
  const { kind, shim } = facts.entry;
  if (kind.startsWith('plugin.')) {
    const name = facts.text('plugin.name') ?? 'plugin';
    return filled({ name, version: facts.text('plugin.version') });
  }
  if (kind.startsWith('telemetry.')) {
    return { name: facts.text('source.shim') ?? facts.short(shim, 'shim') };
  }
  const name = facts.firstText('agent.product', 'agent.type') ?? 'agent';
  return filled({ name, uid: facts.text('agent.id'), version: facts.text('agent.version') });
}

function apiBody(facts: Facts): Partial<Body> {
  const { kind, log, index } = facts.entry;
  const operation = facts.firstText('tool.name', 'skill.name', 'hook.name', 'action') ?? kind;
  const service = facts.firstText('tool.server', 'mcp.server', 'tool.source', 'agent.provider');
  const uid = facts.firstText('tool.use_id', 'request.id') ?? `${log}/${index}`;
  const api = filled({
    operation,
    request: { uid },
    service: service === undefined ? undefined : { name: service },
  });
  const duration = facts.firstCount('tool.duration_ms', 'request.duration_ms', 'hook.duration_ms');
  const members = filled({ api, src_endpoint: localOf(facts), duration });
  return { members, ai: aiOf(facts) };
}

/** Nothing for a record that names no agent's product. */
function aiOf(facts: Facts): JsonObject | undefined {
  const product = facts.text('agent.product');
  if (product === undefined) return undefined;
  const model = facts.text('agent.model');
  const provider = facts.text('agent.provider');
  const named = model !== undefined && provider !== undefined;
  return filled({
    ai_model: named ? { name: model, ai_provider: provider } : undefined,
    message_context: filled({
      uid: facts.text('prompt.id'),
      ai_role_id: ROLES[facts.entry.kind] ?? ROLE_TOOL,
      application: { name: product },
      prompt_tokens: facts.count('usage.input_tokens'),
      completion_tokens: facts.count('usage.output_tokens'),
      total_tokens: facts.count('usage.total_tokens'),
    }),
  });
}
