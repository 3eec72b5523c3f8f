/** The rules tools as their users run them, on files and over a system that answers as told. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCommand, StandIn } from './stand-in.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-rules-cli-'));
after(() => rmSync(dir, { recursive: true }));

const RULE = `title: A tool called Alpha
level: high
logsource: {product: agent_sandbox, category: tool}
detection:
  one: {tool.name|startswith: Alp}
  own: {vantage: agent}
  condition: one and own
`;
const HOOK =
  '{"hook_event_name":"PreToolUse","session_id":"s","tool_name":"Alpha","tool_input":{}}';

function folder(name: string, files: Record<string, string>): string {
  const made = join(dir, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(made, file, '..'), { recursive: true });
    writeFileSync(join(made, file), text);
  }
  return made;
}

describe('rules test', () => {
  const raw = `hook 1795425183 ${HOOK}\n`;
  const streams = {
    'streams/TST-001/fires-hook.txt': raw,
    'streams/TST-001/silent-hook.txt': raw.replace('Alpha', 'Beta'),
  };

  it('runs raw streams and records beside a rule', async () => {
    const record = { kind: 'tool.call', session: 's', shim: 'x', tool: { name: 'Alpha' }, t: '1' };
    const line = JSON.stringify({ vantage: 'agent', record });
    const close = JSON.stringify({ record: { kind: 'close', session: 's', shim: 'sup', t: '2' } });
    const records = { 'streams/TST-001/fires-record.jsonl': `${line}\n${close}\n` };
    const rules = folder('good', { 'TST-001.yml': RULE, ...streams, ...records });
    const { code, lines } = await runCommand(['rules', 'test', rules]);
    assert.equal(code, 0);
    assert.deepEqual(
      lines.map((text) => [text.split(' ')[0], text.replace(/^.*\/|: .*$/g, '')]),
      [
        ['ok', 'fires-hook.txt'],
        ['ok', 'fires-record.jsonl'],
        ['ok', 'silent-hook.txt'],
      ],
    );
  });

  it('ends with 1 when one that should fire is silent, and the other way round', async () => {
    const swapped = {
      'streams/TST-001/silent-hook.txt': raw,
      'streams/TST-001/fires-hook.txt': raw.replace('Alpha', 'Beta'),
    };
    const rules = folder('swapped', { 'TST-001.yml': RULE, ...swapped });
    const { code, lines } = await runCommand(['rules', 'test', rules]);
    assert.equal(code, 1);
    assert.match(lines[0]!, /^FAILED .*fires-hook\.txt: 0 alerts, one was expected$/);
    assert.match(lines[1]!, /^FAILED .*silent-hook\.txt: 1 alert, none was expected: /);
  });

  it('says which line of a stream cannot be read, and which rule has none', async () => {
    const bad = { 'streams/TST-001/fires-bad.txt': 'dtrace 1\n' };
    const rules = folder('bad', { 'TST-001.yml': RULE, 'TST-002.yml': RULE, ...bad });
    const { code, lines, errors } = await runCommand(['rules', 'test', rules]);
    assert.equal(code, 1);
    assert.match(lines[0]!, /STREAM_INVALID: no such source: dtrace 1$/);
    assert.ok(errors.includes('TST-002 has no streams'));
  });
});

describe('rules lint', () => {
  it('takes files and folders, and names each with its fault', async () => {
    const one = folder('lint-a', { 'TST-001.yml': RULE });
    const two = folder('lint-b', { 'TST-003.yml': 'title: x\n', 'streams/x.yml': 'no rule' });
    const { code, lines } = await runCommand(['rules', 'lint', join(one, 'TST-001.yml'), two]);
    assert.equal(code, 1);
    const errors = lines.filter((text) => text.includes(' error '));
    assert.equal(errors.length, 1);
    assert.match(errors[0]!, /lint-b\/TST-003\.yml: error RULE_INVALID: logsource is missing$/);
    assert.ok(lines.some((text) => text.includes('lint-a/TST-001.yml: warning NO_ID: ')));
  });

  it('knows the shipped rules, which filters of an operator name', async () => {
    const filter = (rule: string): string => `title: known
logsource: {product: agent_sandbox}
filter: {rules: [${rule}], selection: {http.host: a.example}, condition: not selection}
`;
    const good = folder('lint-c', { 'known.yml': filter('EGR-001') });
    assert.equal((await runCommand(['rules', 'lint', good])).code, 0);
    const bad = folder('lint-d', { 'known.yml': filter('EGR-999') });
    const { code, lines } = await runCommand(['rules', 'lint', bad]);
    assert.deepEqual([code, lines.length], [1, 2]);
    assert.match(lines[0]!, /there is no rule EGR-999/);
  });
});

const NS = 1_000_000_000n;
const nowNs = BigInt(Date.now()) * 1_000_000n;

/** Leaves of a small log: two sessions, one of them opened long ago. */
function leaves() {
  const item = (index: number, more: { kind: string; session: string }) => {
    const place = { log: 'default.0.1', index, leaf: `leaf${index}`, shim: 'in', vantage: 'agent' };
    return { ...place, observed: String(nowNs - NS), t: String(nowNs), ...more };
  };
  const tool = (session: string, name: string) => {
    const record = { kind: 'tool.call', tool: { name }, t: String(nowNs) };
    return { session, kind: 'tool.call', record };
  };
  const open = (session: string) => ({ session, shim: 'sup', vantage: '', kind: 'open' });
  const seal = (t: bigint) => {
    const place = { session: 'log', shim: '', vantage: '', kind: 'seal', t: String(t) };
    return { ...place, record: { kind: 'seal', t: String(t) } };
  };
  const old = nowNs - 86_400n * 30n * NS;
  return [
    { ...open('s1'), record: { kind: 'open', host: { name: 'build-7' } } },
    tool('s1', 'Alpha'),
    seal(old),
    tool('s1', 'Alpha'),
    tool('s2', 'Beta'),
    { ...open('s2'), record: { kind: 'open' } },
    seal(nowNs - NS),
  ].map((more, index) => item(index, more));
}

function events(all: ReturnType<typeof leaves>) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const { searchParams } = new URL(request.url!, 'http://x');
    const kind = searchParams.get('kind');
    const session = /\/v1\/sessions\/([^/]+)\//.exec(request.url!)?.[1];
    const after = Number(searchParams.get('after') ?? -1);
    const limit = Math.min(2, Number(searchParams.get('limit')));
    const found = all
      .filter((item) => (kind ?? item.kind) === item.kind && item.index > after)
      .filter((item) => (session ?? item.session) === item.session);
    const items = found.slice(0, limit);
    const cursor = found.length > limit ? items.at(-1)!.index : null;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ items, cursor, size: all.length }));
  };
}

describe('rules backtest', () => {
  const all = leaves();
  const answers = {
    'GET /v1/events': events(all),
    'GET /v1/sessions/s1/events': events(all),
    'GET /v1/sessions/s2/events': events(all),
    'GET /v1/rules/TST-001': { file: 'TST-001.yml', text: RULE },
  };

  it('raises what a rule would have raised, and counts for 1,000 sessions', async (t) => {
    const system = await StandIn.start(t, answers);
    const { code, lines } = await system.run(['rules', 'backtest', 'TST-001', '--json']);
    assert.equal(code, 0);
    const { alerts, counts, records, sessions, first } = JSON.parse(lines[0]!);
    assert.deepEqual([first, records, sessions], [3, 3, 2]);
    assert.deepEqual(
      alerts.map(({ evidence }: never) => evidence),
      [[{ index: 3, leaf: 'leaf3', log: 'default.0.1' }]],
    );
    assert.equal(alerts[0].host.name, 'build-7', 'the open before the range counts');
    const count = { alerts: 1, sessions: 1, per_1000_sessions: 500 };
    assert.deepEqual(counts, [{ rule: 'TST-001', title: 'A tool called Alpha', ...count }]);
    assert.ok(
      system.asked.every(({ call }) => call.startsWith('GET ')),
      'nothing is written',
    );
  });

  it('of one session takes all of it', async (t) => {
    const system = await StandIn.start(t, answers);
    const rules = folder('backtest', {
      'TST-001.yml': RULE.replace('startswith: Alp', 'startswith: Bet'),
    });
    const args = ['rules', 'backtest', join(rules, 'TST-001.yml'), '--session'];
    const none = await system.run([...args, 's1', '--json']);
    assert.deepEqual(JSON.parse(none.lines[0]!).alerts, []);
    const { lines, errors } = await system.run([...args, 's2']);
    assert.match(lines[0]!, /\tTST-001\thigh\ts2\t4\tA tool called Alpha, in session s2\.$/);
    assert.ok(errors.includes('TST-001: 1 alert in 1 session, 1000 per 1,000 sessions'));
  });

  it('refuses a rule that cannot run, and a time that is none', async (t) => {
    const system = await StandIn.start(t, answers);
    const rules = folder('unusable', { 'TST-009.yml': 'title: x\n' });
    const bad = await system.run(['rules', 'backtest', rules]);
    assert.match(bad.errors.join(), /RULE_INVALID: TST-009\.yml: logsource is missing/);
    const time = await system.run(['rules', 'backtest', 'TST-001', '--since', 'soon']);
    assert.match(time.errors.join(), /USAGE/);
  });
});

describe('rules explain', () => {
  const all = leaves();
  const answers = {
    'GET /v1/rules/TST-001': { file: 'TST-001.yml', text: RULE },
    'GET /v1/events/default.0.1/4': all[4],
    'GET /v1/sessions/s2/events': events(all),
  };

  it('says in words what a rule asks', async (t) => {
    const system = await StandIn.start(t, answers);
    const { lines } = await system.run(['rules', 'explain', 'TST-001']);
    assert.ok(lines.includes('    tool.name begins with Alp'), lines.join('\n'));
  });

  it('says of an event which line held and which did not', async (t) => {
    const system = await StandIn.start(t, answers);
    const args = ['rules', 'explain', 'TST-001', '--event', 'default.0.1/4'];
    const { lines } = await system.run(args);
    assert.deepEqual(lines.slice(1), [
      'own  does not hold',
      '  no   one',
      '    no   tool.name begins with Alp; found "Beta"',
      '  yes  own',
      '    yes  vantage is agent; found "agent"',
    ]);
  });
});

describe('rules reload', () => {
  it('says which set runs where the folder was quicker,', async (t) => {
    const same = { hash: 'cd'.repeat(32), was: 'cd'.repeat(32), count: 3 };
    const lists = { added: [], removed: [], changed: [] };
    const system = await StandIn.start(t, { 'POST /v1/rules/reload': { ...same, ...lists } });
    const { code, errors } = await system.run(['rules', 'reload']);
    assert.equal(code, 0);
    assert.match(errors[0]!, /^3 rule files, set cdcdcdcdcdcdcdcd; they run already$/);
  });

  it('says what changed', async (t) => {
    const lists = { added: ['A-1'], removed: [], changed: ['B-1'] };
    const change = { hash: 'ab'.repeat(32), was: null, count: 2, ...lists };
    const system = await StandIn.start(t, { 'POST /v1/rules/reload': change });
    const { lines, errors } = await system.run(['rules', 'reload']);
    assert.deepEqual(lines, ['added A-1', 'changed B-1']);
    assert.match(errors[0]!, /^2 rule files, set abababababababab$/);
  });
});
