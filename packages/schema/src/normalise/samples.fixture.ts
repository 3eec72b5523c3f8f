/** One record of each kind, and the alerts that golden files show in every dialect. */
import { recordColumns } from '../columns.ts';
import type { JsonObject } from '../json.ts';
import type { LogEntry } from './entry.ts';

const HOST: JsonObject = {
  name: 'build-7',
  id: 'b7f3a2c4',
  ip: '192.0.2.17',
  os: 'Debian GNU/Linux 12',
  process: { pid: 4711, exe: '/usr/bin/bwrap' },
  edr: { vendor: 'crowdstrike', device_id: '0f3c9a' },
};

const AGENT: JsonObject = { id: 'main', product: 'claude-code', session: 'c3' };
const MODEL: JsonObject = { ...AGENT, model: 'claude-sonnet', provider: 'anthropic' };
const PROCESS: JsonObject = { pid: 812, ppid: 800, exe: '/usr/bin/rm', cwd: '/src', uid: 1000 };
const USER: JsonObject = { id: 'u1', email: 'alice@example.com' };
const HTTP: JsonObject = {
  method: 'POST',
  host: 'api.anthropic.com',
  path: '/v1/files?x=1|2',
  scheme: 'https',
  version: 'HTTP/2.0',
  req_bytes: 12_345,
  function: 'anthropic.files.create',
  auth_fp: '9f2c41d7a0b3e615',
  auth_provisioned: false,
};
const NET: JsonObject = { dst_ip: '203.0.113.9', dst_port: 443, dst_host: 'api.anthropic.com' };
const TOOL: JsonObject = { name: 'Bash', use_id: 'toolu_01', source: 'builtin', program: 'rm' };
const FILE: JsonObject = { path: '/src/a=b.txt', real_path: '/src/a=b.txt' };

const file = (more: JsonObject = {}): JsonObject => ({
  process: PROCESS,
  file: { ...FILE, ...more },
});
const agent = (more: JsonObject): JsonObject => ({ agent: AGENT, user: USER, ...more });

/** Members by kind; a kind that is not here has none of its own. */
const MEMBERS: Record<string, JsonObject> = {
  'session.start': agent({ reason: 'startup' }),
  'session.end': agent({ reason: 'logout' }),
  'session.resume': agent({}),
  'prompt.submit': agent({
    prompt: { id: 'p1', length: 412 },
    trace: { id: 'a1' },
    span: { id: 'b2' },
  }),
  'model.request': agent({ agent: MODEL, usage: { input_tokens: 10, output_tokens: 5 } }),
  'model.response': agent({ agent: MODEL, usage: { total_tokens: 15 }, prompt: { id: 'p1' } }),
  'model.error': agent({ agent: MODEL, http: { status: 529 } }),
  'model.refusal': agent({ agent: MODEL }),
  'context.compact': agent({ compact: { trigger: 'auto', success: true } }),
  'tool.call': agent({ tool: TOOL, prompt: { id: 'p1' } }),
  'tool.result': agent({ tool: { ...TOOL, success: false, duration_ms: 9, error_type: 'exit 1' } }),
  'tool.list': agent({ tool: { server: 'files', def_hash: 'ab12' } }),
  'mcp.connection': agent({ mcp: { server: 'files', status: 'connected', transport: 'stdio' } }),
  'skill.use': agent({ skill: { name: 'pdf', trigger: 'user-slash' } }),
  'plugin.change': agent({ plugin: { name: 'lint', version: '1.2.0', scope: 'org' } }),
  'approval.request': agent({ tool: TOOL }),
  'approval.decision': agent({ tool: TOOL, decision: { value: 'reject', source: 'user_reject' } }),
  'approval.mode_change': agent({ approval: { from: 'default', to: 'bypassPermissions' } }),
  'process.exec': { process: { ...PROCESS, argv: ['rm', '-f', 'a b'] } },
  'process.exit': { process: { pid: 812, exit_code: 1 } },
  syscall: { process: PROCESS, syscall: { name: 'unshare', args: '0x10000000' } },
  'file.open': file({ flags: 'O_RDONLY' }),
  'file.read': file({ bytes: 100 }),
  'file.create': file(),
  'file.write': file({ sha256: 'ab12', bytes: 5 }),
  'file.delete': file({ errno: 'EPERM', mount_mode: 'rw_no_delete' }),
  'file.rename': file({ target_path: '/src/b.txt' }),
  'file.link': file({ target_path: '/src/b.txt' }),
  'file.symlink': file({ target_path: '/etc/shadow' }),
  'file.truncate': file(),
  'file.chmod': file({ mode: '0777' }),
  'file.mkdir': file({ path: '/src/dir/' }),
  'file.mount': file({ flags: 'MS_BIND' }),
  'net.connect': { process: PROCESS, net: { ...NET, proto: 'tcp', bytes_out: 9 } },
  'net.listen': { process: PROCESS, net: { src_ip: '::1', src_port: 8080 } },
  'dns.query': {
    dns: { name: 'example.com', type: 'A' },
    net: { dst_ip: '10.0.0.1', dst_port: 53 },
  },
  'egress.request': {
    http: { ...HTTP, denied: true, status: 403 },
    net: NET,
    decision: { rule: 'r1' },
  },
  'egress.response': { http: { flow: 'f1', status: 200, resp_bytes: 77 } },
  'egress.tunnel': { http: { sni: 'example.com' }, net: { ...NET, bytes_out: 5, bytes_in: 7 } },
  'egress.error': { http: { host: 'example.com', error: 'tls' } },
  'memory.load': agent({ memory: { path: '/home/a/notes.txt', type: 'user' } }),
  'memory.write': agent({ memory: { path: '/home/a/notes.txt' } }),
  'schedule.change': agent({ schedule: { name: 'nightly' } }),
  'config.change': agent({ config: { path: '/src/.claude/settings.json', source: 'project' } }),
  'mount.change': { mount: { path: '/src', mode: 'rw' } },
  'agent.spawn': { agent: { ...AGENT, id: 'sub1', parent_id: 'main', type: 'Explore' } },
  'agent.stop': { agent: { ...AGENT, id: 'sub1', type: 'Explore' }, usage: { total_tokens: 9 } },
  'agent.message': agent({ content: { trust: 'subagent' } }),
  'identity.auth': agent({ auth: { action: 'login', method: 'oauth', success: true } }),
  'identity.grant': agent({ grant: { scope: 'repo' } }),
  'classifier.verdict': agent({ classifier: { name: 'auto', verdict: 'deny', score: '0.97' } }),
  'policy.decision': agent({
    decision: { value: 'allow', rule: 'p7' },
    policy: { category: 'net' },
  }),
  'hook.run': agent({ hook: { name: 'PreToolUse:Bash', event: 'PreToolUse' } }),
  'telemetry.hello': { source: { shim: 'strace', version: '0.1.0' } },
  'telemetry.heartbeat': { source: { shim: 'strace' } },
  'telemetry.drop': { source: { shim: 'strace' }, dropped: 41, reason: 'queue full' },
  'telemetry.gap': { source: { shim: 'strace' }, reason: 'silent' },
  'telemetry.bye': { source: { shim: 'strace' } },
  other: {
    source: { service: 'billing', event: 'invoice.paid' },
    amount: '12.50',
    deep: { list: [1, 'a'] },
  },
};

/** Records of the sequencer, by `chain/kind`. */
const OWN: [session: string, shim: string, kind: string, members: JsonObject][] = [
  ['build-4711', 'sup', 'open', { host: HOST, runtime: 'native', user: 'alice' }],
  ['build-4711', 'sup', 'join', { target: { chain: 'build-4711/7f', first: 'AQEB' } }],
  ['build-4711', 'sup', 'end', { target: { chain: 'build-4711/7f', seq: 9 }, state: 'lost' }],
  ['build-4711', 'sup', 'close', { reason: 'runtime' }],
  ['build-4711', 'sup', 'gap', { target: { chain: 'build-4711/7f' }, reason: 'cut' }],
  ['build-4711', 'sup', 'conflict', { target: { chain: 'build-4711/7f', seq: 3 } }],
  ['build-4711', 'sup', 'broken', { target: { chain: 'build-4711/7f' }, reason: 'prev' }],
  ['log', 'audit', 'access', { action: 'part.read', target: { name: 'default.0.1/7/prompt' } }],
  ['log', 'audit', 'redact', { target: { log: 'default.0.1', index: 7, part: 'prompt' } }],
  ['log', 'audit', 'expire', { before: '1764000000000000000' }],
  ['log', 'audit', 'key', { key: 'added' }],
];

const ALERT: JsonObject = {
  id: 'alr_00000000000000000000000000000001',
  rule: 'EGR-001',
  title: 'Foreign API key on an allowlisted provider host',
  severity: 'critical',
  subject: 'build-4711',
  vantage: 'boundary',
  what: 'POST /v1/files to api.anthropic.com carried a credential that is not the session’s own.',
  todo: 'Stop the session and read the request that carried the key.',
  evidence: [
    { index: 1, leaf: 'AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=', log: 'default.0.1' },
  ],
  host: HOST,
  tags: [
    'attack.exfiltration',
    'attack.t1567',
    'attack.t1552.001',
    'atlas.aml.t0086',
    'ase.risk.external_attacker',
  ],
  event: { kind: 'egress.request', http: { ...HTTP, denied: true }, process: { pid: 812 } },
};

/** Alerts about records of several kinds, and one that says next to nothing. */
const ALERTS: Record<string, JsonObject> = {
  alert: ALERT,
  'alert about a file': {
    ...ALERT,
    rule: 'FS-001',
    severity: 'high',
    event: { kind: 'file.open', file: FILE, process: PROCESS },
    evidence: [
      { index: 1, leaf: 'AQEB', log: 'default.0.1' },
      { index: 2, leaf: 'AgIC', log: 'default.0.1' },
    ],
  },
  'alert without a host': { ...ALERT, severity: 'low', host: { name: 'unknown' }, tags: [] },
  'alert that is next to nothing': { rule: 'X-1' },
};

export function entryOf(record: JsonObject, more: Partial<LogEntry> = {}): LogEntry {
  const { session, shim, seq, kind, t, severity, title } = recordColumns(record);
  const own = session === 'log';
  return {
    log: 'default.0.1',
    index: 1234,
    leaf: 'PKnGkBHR2mlte8DWu6RbgejAfJQHfkGn5dHxD1jBIZs=',
    tenant: 'default',
    ...{ session, shim, seq, kind, t, severity, title, record },
    observed: own ? '0' : '1764000001500000000',
    vantage: own ? '' : 'boundary',
    sandbox: own ? '' : session,
    host: own ? null : HOST,
    link: `http://127.0.0.1:3000/s/${session}?e=1234&tab=proof`,
    ...more,
  };
}

function recordOf(session: string, shim: string, kind: string, members: JsonObject): JsonObject {
  const head = {
    kind,
    parts: {},
    prev: 'AA==',
    seq: 42,
    session,
    shim,
    t: '1764000001000000001',
    v: 1,
  };
  return { ...members, ...head };
}

/** By name: the kind, with its chain in front where it is the sequencer's. */
export function sampleEntries(): Record<string, LogEntry> {
  const made: Record<string, LogEntry> = {};
  for (const [kind, members] of Object.entries(MEMBERS)) {
    made[kind] = entryOf(recordOf('build-4711', 'b7f3a', kind, members));
  }
  for (const [session, shim, kind, members] of OWN) {
    made[`${shim}/${kind}`] = entryOf(recordOf(session, shim, kind, members));
  }
  for (const [name, members] of Object.entries(ALERTS)) {
    made[name] = entryOf(recordOf('log', 'alert', 'alert', members));
  }
  return made;
}
