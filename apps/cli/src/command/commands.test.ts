import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildProgram } from '../main.ts';
import { memoryIo } from '../print/memory-io.ts';
import { runCommand, StandIn } from './stand-in.ts';

const nowhere = join(tmpdir(), 'vitrine-no-system-here');

describe('the command line', () => {
  const program = buildProgram({ io: memoryIo(), exit: () => {} });
  const leaves = program.commands.flatMap((command) =>
    command.commands.length > 0 ? command.commands : [command],
  );

  for (const command of leaves) {
    const path = [command.parent === program ? '' : command.parent!.name(), command.name()];
    const words = path.filter((word) => word !== '');
    it(`${words.join(' ')} --help says what it does and shows an example`, async () => {
      const { code, lines } = await runCommand([...words, '--help']);
      assert.equal(code, 0);
      const text = lines.join('\n');
      assert.match(text, /^Usage: vitrine /);
      assert.match(text, /\nExamples?:\n {2}\$ npx --no vitrine /);
      assert.ok(command.description().length > 10);
    });
  }

  it('lists every command when it is given none', async () => {
    const { code, lines } = await runCommand([]);
    assert.equal(code, 0);
    for (const command of program.commands) {
      assert.ok(
        lines.some((line) => line.startsWith(`  ${command.name()}`)),
        command.name(),
      );
    }
  });

  const wrong: [string, string[]][] = [
    ['an unknown command', ['sesions']],
    ['an unknown option', ['sessions', '--nope']],
    ['an option without its value', ['events', '--session']],
    ['a number out of bounds', ['sessions', '--limit', '0']],
    ['a group without its command', ['token']],
    ['an export of nothing', ['export', '-o', 'x']],
    ['an export of two things', ['export', '--session', 'a', '--event', 'b/1', '-o', 'x']],
    ['a chain without its range', ['export', '--chain', 'a/in', '--first', '1', '-o', 'x']],
    ['a range without its chain', ['export', '--session', 'a', '--last', '1', '-o', 'x']],
    ['a chain without its shim', ['export', '--chain=a', '--first=0', '--last=1', '-ox']],
    ['a silence without its day', ['export', '--inactive', 'a', '-o', 'x']],
    ['a day without its silence', ['export', '--absent', 'a', '--day', '2026-11-22', '-o', 'x']],
    ['a proof of a session', ['export', '--session=a', '--format=tlog-proof', '-ox']],
    ['a format that is none', ['export', '--event', 'b/1', '--format', 'pdf', '-o', 'x']],
    ['a redaction of nothing', ['redact', '--part', 'p', '--reason', 'r']],
    ['a redaction without a reason', ['redact', '--event', 'b/1', '--part', 'p']],
    ['a vantage that is none', ['events', '--vantage', 'moon']],
    ['a replay of nothing', ['connectors', 'replay', 'a']],
    ['a mitmdump for another proxy', ['run', '--mitmdump', 'x', '--', 'true']],
  ];
  for (const [what, args] of wrong) {
    it(`refuses ${what} with USAGE and 2`, async (t) => {
      const system = await StandIn.start(t, {});
      const needsSystem = ['export', 'connectors', 'redact'].includes(args[0]!);
      const { code, lines, errors } = needsSystem ? await system.run(args) : await runCommand(args);
      assert.equal(code, 2);
      assert.match(errors[0]!, /^error USAGE: /);
      assert.deepEqual(lines, []);
    });
  }

  it('says what was meant and whose help to read, each in one line', async () => {
    const { errors } = await runCommand(['rules', 'test', '--stream', 'x']);
    assert.deepEqual(errors, [
      "error USAGE: unknown option '--stream' (Did you mean --streams?)",
      '  hint: npx --no vitrine rules test --help says what it takes',
    ]);
  });

  it('leaves words as they are for all but events, which takes a query', async () => {
    const { errors } = await runCommand(['sessions', '-Xlog:gc']);
    assert.match(errors[0]!, /^error USAGE: unknown option '-Xlog:gc'/);
  });

  const needing = [
    ['sessions'],
    ['events'],
    ['alerts'],
    ['export', '--session', 'a', '-o', 'x'],
    ['trust'],
    ['checkpoint'],
    ['keys'],
    ['rules', 'list'],
    ['connectors', 'list'],
    ['token', 'list'],
    ['run', '--', 'true'],
  ];
  for (const args of needing) {
    it(`${args[0]} says that no system runs and how to start one`, async () => {
      const [name, ...rest] = args;
      const sub = rest[0] === 'list' ? [rest.shift()!] : [];
      const { code, errors } = await runCommand([name!, ...sub, '--data', nowhere, ...rest]);
      assert.equal(code, 1);
      assert.match(errors[0]!, /^error NOT_RUNNING: /);
      assert.match(errors[1]!, /^ {2}hint: start it: npx --no vitrine up --data /);
    });
  }
});

const event = (index: number) => ({
  log: 'default.0.1',
  index,
  session: 's1',
  kind: 'file.read',
  t: '1764090000000000000',
  vantage: 'boundary',
  title: `file.read /x/${index}`,
  record: {},
});

describe('events', () => {
  it('shows where a query is wrong, and asks nobody', async () => {
    const { code, lines, errors } = await runCommand(['events', 'wget hots:x* y']);
    assert.notEqual(code, 0);
    assert.deepEqual(lines, []);
    assert.deepEqual(errors.slice(0, 2), ['  wget hots:x* y', '       ^^^^']);
    assert.match(errors[2]!, /^error QUERY_FIELD_UNKNOWN: .*hots/);
    assert.match(errors[3]!, /did you mean host\?/);
  });

  it('takes a query that begins with what it excludes', async (t) => {
    const system = await StandIn.start(t, {
      'GET /v1/events': { items: [event(3)], cursor: null, size: 6 },
    });
    const { code } = await system.run(['events', '-kind:file.read', '--limit', '5']);
    assert.equal(code, 0);
    const { searchParams } = new URL(system.asked[0]!.call.split(' ')[1]!, 'http://x');
    assert.equal(searchParams.get('q')?.trim(), '-kind:file.read');
    assert.equal((await runCommand(['events', '-kind'])).code, 2);
  });

  it('shows the newest, oldest first, and pages as far as it was asked to', async (t) => {
    const pages = [
      { items: [event(9), event(8)], cursor: 8, size: 12 },
      { items: [event(7)], cursor: null, size: 12 },
    ];
    const system = await StandIn.start(t, {
      'GET /v1/sessions/s1/events': (_request: unknown, response: { end(text: string): void }) =>
        response.end(JSON.stringify(pages.shift())),
    });
    const { code, lines } = await system.run(['events', 'x', '--session', 's1', '--limit', '5']);
    assert.equal(code, 0);
    assert.deepEqual(
      lines.map((line) => line.split('\t').at(-1)),
      ['file.read /x/7', 'file.read /x/8', 'file.read /x/9'],
    );
    assert.deepEqual(
      system.asked.map(({ call }) => call),
      [
        'GET /v1/sessions/s1/events?q=x&order=desc&limit=5',
        'GET /v1/sessions/s1/events?q=x&order=desc&limit=3&after=8',
      ],
    );
  });

  it('follows without a hole behind the list', async (t) => {
    const system = await StandIn.start(t, {
      'GET /v1/events': { items: [event(3)], cursor: null, size: 6 },
      'GET /v1/tail': (request: { headers: object }, response: { write(s: string): void }) => {
        assert.equal((request.headers as Record<string, string>)['last-event-id'], '5');
        response.write(`event: record\nid: 6\ndata: ${JSON.stringify(event(6))}\n\n`);
        setTimeout(() => process.emit('SIGTERM'), 50);
      },
    });
    const { code, lines } = await system.run(['events', '--follow', '--json']);
    assert.equal(code, 0);
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { index: number }).index),
      [3, 6],
    );
  });
});

describe('refusals of the system', () => {
  it('are shown with its own code and hint', async (t) => {
    const system = await StandIn.start(t, {});
    const { code, errors } = await system.run(['token', 'revoke', 'x']);
    assert.equal(code, 1);
    assert.deepEqual(errors, ['error NOT_FOUND: no', '  hint: look']);
  });
});

describe('token', () => {
  it('asks for the streams that it may pull, and shows them in the list', async (t) => {
    const made = { token: 'vt_1', role: 'reader', expires: null };
    const kept = { id: 'ab', role: 'reader', note: '', created: 'then', expires: null };
    const system = await StandIn.start(t, {
      'POST /v1/tokens': made,
      'GET /v1/tokens': { items: [{ ...kept, pull: ['alerts', 'access'] }, kept] },
    });
    const words = ['token', 'create', '--role', 'reader', '--pull'];
    assert.deepEqual((await system.run([...words, 'alerts,access'])).lines, ['vt_1']);
    const body = { role: 'reader', pull: ['alerts', 'access'] };
    assert.deepEqual(JSON.parse(system.asked[0]!.body), body);
    const { lines } = await system.run(['token', 'list']);
    const roles = lines.map((line) => line.split('\t')[1]);
    assert.deepEqual(roles, ['reader, pulls alerts, access', 'reader']);
    assert.equal((await system.run([...words, 'alerts,receipts'])).code, 2);
  });
});

describe('fsck', () => {
  const report = {
    ok: false,
    log: 'default.0.1',
    size: 5,
    records: 5,
    parts: 2,
    checkpoints: 1,
    findings: [{ table: 'records', index: '3', column: 'kind', expected: 'a', found: 'b' }],
    findingsTotal: 1,
    missingTotal: 0,
  };
  const answering = (r: object) => ({
    'POST /v1/fsck': (_: unknown, response: { end(text: string): void }) =>
      response.end(`{"progress":{"checked":5,"size":5}}\n${JSON.stringify({ report: r })}\n`),
  });

  it('names each finding and ends with 1', async (t) => {
    const system = await StandIn.start(t, answering(report));
    const { code, lines } = await system.run(['fsck']);
    assert.equal(code, 1);
    assert.deepEqual(lines.slice(0, 3), ['records 3 kind', '  expected  a', '  found     b']);
    assert.match(lines[3]!, /^1 findings: 5 records, 2 parts, 1 checkpoints of default\.0\.1/);
  });

  it('ends with 0 where there is none', async (t) => {
    const clean = { ...report, ok: true, findings: [], findingsTotal: 0 };
    const system = await StandIn.start(t, answering(clean));
    const { code, lines } = await system.run(['fsck']);
    assert.equal(code, 0);
    assert.match(lines[0]!, /^ok: 5 records/);
  });

  it('is no success without a report', async (t) => {
    const system = await StandIn.start(t, {
      'POST /v1/fsck': (_: unknown, response: { end(text: string): void }) =>
        response.end('{"progress":{"checked":1,"size":5}}\n'),
    });
    const { code, errors } = await system.run(['fsck']);
    assert.equal(code, 1);
    assert.match(errors[0]!, /^error API_FAILED: /);
  });
});

describe('alerts', () => {
  const record = {
    rule: 'EGR-001',
    title: 'Foreign credential',
    severity: 'critical',
    subject: 's1',
    vantage: 'boundary',
    what: 'POST /v1/files carried a foreign credential.\u001b[2J',
    todo: 'Stop the sandbox.',
    host: { name: 'build-7', process: { pid: 4711 } },
    evidence: [{ log: 'default.0.1', index: 7, leaf: 'AAAA' }],
  };

  it('shows a block that can be acted on, and no control of its text', async (t) => {
    const triage = { state: 'open', assignee: null, verdict: null, seq: 3, acts: 0 };
    const items = [{ ...event(9), kind: 'alert', record, triage, edr_link: null }];
    const system = await StandIn.start(t, { 'GET /v1/alerts': { items, cursor: null, size: 10 } });
    const { lines } = await system.run(['alerts', '--session', 's1', '--long']);
    const text = lines.join('\n');
    assert.match(text, /^ALERT {2}critical {2}Foreign credential\n/);
    for (const part of ['EGR-001', 's1', 'boundary', 'build-7, process 4711']) {
      assert.ok(text.includes(part), part);
    }
    assert.match(text, /what +POST .*\\u001b\[2J/);
    assert.match(text, /to do +Stop the sandbox\./);
    assert.match(text, /evidence +leaf 7 of default\.0\.1, AAAA/);
    assert.ok(!text.includes('\u001b'));
  });
});
