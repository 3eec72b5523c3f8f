/** The adapter over recorded lines and over the traps that a recording does not contain. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EVENT_KINDS, Scrubber } from '@vitrine/schema';
import type { Adapter } from '../adapter/adapter.ts';
import type { ShimEvent } from '../send/event.ts';
import { straceShim } from './adapter.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/strace.txt', import.meta.url));
const FORWARDER = '/run/vitrine/node';
const START = `1 1.000000 execve("${FORWARDER}", ["node"], 0x1 /* 1 var */) = 0
2 1.000001 execve("/bin/sh", ["sh"], 0x1 /* 1 var */) = 0`;

function adapterOf(): Adapter {
  return straceShim.adapter({
    scrubber: new Scrubber([]),
    grants: [],
    now: () => '9',
    given: { forwarder: FORWARDER },
  });
}

function eventsOf(text: string, adapter = adapterOf()): ShimEvent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => adapter.read(Buffer.from(line, 'latin1')));
}

/** Events of lines after the agent's first program, without that one. */
function agentEvents(text: string): ShimEvent[] {
  return eventsOf(`${START}\n${text}`).slice(1);
}

function only(text: string): Record<string, unknown> {
  const events = agentEvents(text);
  assert.equal(events.length, 1, JSON.stringify(events));
  return { kind: events[0]!.kind, ...events[0]!.attributes };
}

describe('a recorded session', () => {
  const adapter = adapterOf();
  const recorded = readFileSync(FIXTURE, 'latin1').split('\n').slice(1).join('\n');
  const events = eventsOf(recorded, adapter);
  const has = (kind: string, path: string, more: Record<string, unknown> = {}): void => {
    const found = events.filter(
      (event) =>
        event.kind === kind &&
        event.attributes['file.path'] === path &&
        Object.entries(more).every(([name, value]) => event.attributes[name] === value),
    );
    assert.ok(found.length > 0, `${kind} ${path} ${JSON.stringify(more)}`);
  };

  it('reads every line, begins with the agent and knows every kind', () => {
    assert.equal(adapter.counts.unparsed, 0);
    assert.equal(events[0]?.kind, 'process.exec');
    assert.equal(events[0]?.attributes['process.exe'], '/usr/bin/bash');
    assert.deepEqual(
      events.filter(({ kind }) => !EVENT_KINDS.has(kind)),
      [],
    );
    const { frames, plumbing = 0, quiet = 0 } = adapter.counts;
    assert.equal(frames, plumbing + quiet + events.length);
  });

  it('has what the workload did, with absolute and real paths', () => {
    const ws = '/tmp/rec/ws';
    has('file.create', `${ws}/a.txt`, { 'file.flags': 'O_WRONLY|O_CREAT|O_TRUNC' });
    has('file.read', `${ws}/a.txt`, { 'file.real_path': `${ws}/a.txt` });
    has('file.rename', `${ws}/a.txt`, { 'file.target_path': `${ws}/b.txt` });
    has('file.symlink', `${ws}/esc`, { 'file.target_path': '/etc/passwd' });
    has('file.read', `${ws}/esc`, { 'file.real_path': '/etc/passwd' });
    has('file.link', `${ws}/hard.txt`, { 'file.target_path': `${ws}/b.txt` });
    has('file.chmod', `${ws}/b.txt`, { 'file.mode': '0600' });
    has('file.truncate', `${ws}/b.txt`, { 'file.op': 'ftruncate' });
    has('file.mkdir', `${ws}/d/e`);
    has('file.delete', `${ws}/d/e/f`);
    has('file.truncate', `${ws}/gone`);
    has('file.mkdir', `${ws}/t0/below`);
    has('file.create', `${ws}/café\n"q">`);
    has('file.create', `${ws}/bad\ufffd`, { 'file.path_lossy': true });
    for (let i = 0; i < 4; i++) has('file.mkdir', `${ws}/t${i}`);
  });

  it('has what was denied, and why', () => {
    has('file.create', '/tmp/rec/ro/x', { 'file.errno': 'EROFS' });
    has('file.delete', '/tmp/rec/ro/keep', { 'file.errno': 'EROFS' });
    has('file.create', '/tmp/rec/ws/rolink', { 'file.errno': 'EROFS' });
    has('file.mount', '/tmp', { 'file.errno': 'EPERM' });
    const unshare = events.find(({ kind }) => kind === 'syscall');
    assert.equal(unshare?.attributes['syscall.name'], 'unshare');
    assert.equal(unshare?.attributes['syscall.errno'], 'EPERM');
  });

  it('has sockets: attempts, refusals and listeners', () => {
    const net = events.filter(({ kind }) => kind.startsWith('net.'));
    const seen = net.map(({ attributes: a }) =>
      [
        a['net.dst_ip'] ?? a['net.src_ip'] ?? a['net.path'],
        a['net.dst_port'] ?? a['net.src_port'],
        a['net.errno'],
      ].join(' '),
    );
    assert.deepEqual(
      seen.map((text) => text.trim()),
      ['127.0.0.1 18443', '198.51.100.7 80 ENETUNREACH', '0.0.0.0 8080', '/tmp/rec/ws/t0/u.sock'],
    );
  });

  it('has no secret of a command line, neither in argv nor in the raw line', () => {
    assert.ok(recorded.includes('sk-test-12345678'), 'the recording has it');
    assert.ok(!JSON.stringify(events).includes('sk-test-12345678'));
  });

  it('knows parents and exit codes', () => {
    const shell = events[0]!.attributes['process.pid'];
    const exit = events.find(({ attributes }) => attributes['process.exit_code'] === 7);
    assert.equal(exit?.attributes['process.exe'], '/usr/bin/sh');
    assert.equal(exit?.attributes['process.ppid'], shell);
  });
});

describe('names chosen by the agent', () => {
  it('cannot forge a result', () => {
    const event = only('2 2.0 openat(AT_FDCWD</ws>, "a) = 3</etc/shadow>", O_RDONLY) = 4</ws/x>');
    assert.equal(event['file.real_path'], '/ws/x');
    assert.equal(event['file.path'], '/ws/a) = 3</etc/shadow>');
  });

  it('cannot forge an unfinished call or an argument', () => {
    const event = only('2 2.0 unlinkat(AT_FDCWD</ws>, "x <unfinished ...>\\", 0) = 0", 0) = 0');
    assert.equal(event['file.path'], '/ws/x <unfinished ...>", 0) = 0');
  });

  it('may contain what annotations are made of', () => {
    const event = only('2 2.0 mkdirat(5</ws/a\\74b\\76, c>, "d", 0777) = 0');
    assert.equal(event['file.path'], '/ws/a<b>, c/d');
  });
});

describe('calls that other lines cut in two', () => {
  it('are joined, at the time they began', () => {
    const events = agentEvents(`2 2.000001 unlink("/a" <unfinished ...>
3 2.000002 unlink("/b") = 0
2 2.000003 <... unlink resumed>)          = 0`);
    assert.deepEqual(
      events.map(({ attributes }) => attributes['file.path']),
      ['/b', '/a'],
    );
    assert.equal(events[1]!.t, '2000001000');
  });

  it('give a child its parent and its directory although it is heard of first', () => {
    const events =
      agentEvents(`2 2.0 openat(AT_FDCWD</ws>, "x", O_RDONLY) = -1 ENOENT (No such file)
2 2.1 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>
7 2.2 mkdir("d", 0777)                  = 0
2 2.3 <... clone resumed>)              = 4 /* 7 in strace's PID NS */
2 2.4 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0}, 88) = 5 /* 8 in strace's PID NS */
8 2.5 chdir("/else")                    = 0
2 2.6 mkdir("e", 0777)                  = 0
8 2.7 +++ exited with 0 +++
7 2.8 +++ killed by SIGKILL +++`);
    const [made, second, exit] = events.map(({ kind, attributes }) => {
      return { kind, ...attributes } as Record<string, unknown>;
    });
    assert.equal(made!['file.path'], '/ws/d');
    assert.deepEqual([made!['process.pid'], made!['process.ppid']], [7, 2]);
    assert.equal(second!['file.path'], '/else/e', 'threads share their directory');
    assert.deepEqual([exit!.kind, exit!['process.pid']], ['process.exit', 7]);
    assert.equal(exit!['process.signal'], 'SIGKILL');
    assert.equal(events.length, 3, 'the end of a thread is no end of a process');
  });

  it('are execs of a thread that becomes its process', () => {
    const event = only(`2 2.0 clone3({flags=CLONE_VM|CLONE_THREAD}, 88) = 9
9 2.1 execve("/bin/true", ["true"], 0x1 /* 1 var */ <pid changed to 2 ...>
2 2.2 +++ superseded by execve in pid 9 +++
2 2.3 <... execve resumed>)             = 0`);
    assert.deepEqual([event.kind, event['process.pid']], ['process.exec', 2]);
  });
});

describe('what is no event', () => {
  it('is a call that failed for an ordinary reason, or will be made again', () => {
    const none = `2 2.0 openat(AT_FDCWD</ws>, "x", O_RDONLY) = -1 ENOENT (No such file or directory)
2 2.0 unlink("x") = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
2 2.0 connect(3<UNIX-STREAM:[1]>, {sa_family=AF_UNIX, sun_path="/no"}, 9) = -1 ENOENT (No such file)
2 2.0 --- SIGCHLD {si_signo=SIGCHLD} ---
2 2.0 exit_group(0) = ?`;
    assert.deepEqual(agentEvents(none), []);
  });

  it('is all that comes before the agent, even if it could be an event', () => {
    const adapter = adapterOf();
    const before = `1 0.1 execve("/usr/bin/bwrap", ["bwrap"], 0x1 /* 1 var */) = 0
1 0.2 mount("tmpfs", "/tmp", "tmpfs", 0, NULL) = 0
1 0.3 execve("${FORWARDER}", ["node"], 0x1 /* 1 var */) = 0
1 0.4 listen(3<TCP:[0.0.0.0:1]>, 5) = 0
1 0.5 execve("/no/sh", ["sh"], 0x1 /* 1 var */) = -1 ENOENT (No such file or directory)`;
    assert.deepEqual(eventsOf(before, adapter), []);
    assert.deepEqual(adapter.counts.plumbing, 5);
    assert.equal(adapter.started, false);
    const first = eventsOf('2 0.6 execve("/bin/sh", ["sh"], 0x1 /* 1 var */) = 0', adapter);
    assert.equal(first[0]?.kind, 'process.exec');
  });
});

describe('a line that cannot be read', () => {
  const odd = ['nonsense', '2 2.0 openat(AT_FDCWD</ws>, "x', '2 2.0 <... read resumed>) = 0'];
  for (const line of odd) {
    it(`is kept: ${line}`, () => {
      const event = only(line);
      assert.equal(event.kind, 'other');
      assert.equal(event['vitrine.part.raw'], line);
    });
  }
});

describe('escape', () => {
  const attempts = [
    ['unshare(CLONE_NEWUSER) = 0', 'unshare', 'ok'],
    ['setns(3</proc/1/ns/net>, CLONE_NEWNET) = -1 EINVAL (Invalid argument)', 'setns', 'EINVAL'],
    ['clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 44', 'clone', 'ok'],
    ['io_uring_setup(8, {flags=0}) = 3<anon_inode:[io_uring]>', 'io_uring_setup', 'ok'],
    ['ptrace(PTRACE_ATTACH, 1) = -1 EPERM (Operation not permitted)', 'ptrace', 'EPERM'],
    ['execve("/x", ["/x"], 0x1 /* 1 var */) = -1 EACCES (Permission denied)', 'execve', 'EACCES'],
  ] as const;
  for (const [call, name, result] of attempts) {
    it(`attempts are told of whatever became of them: ${name} ${result}`, () => {
      const event = only(`2 2.0 ${call}`);
      assert.equal(event.kind, 'syscall');
      assert.equal(event['syscall.name'], name);
      assert.equal(event['syscall.result'], result);
    });
  }
});

describe('a connection', () => {
  const connect = (result: string): Record<string, unknown> =>
    only(
      '2 2.0 connect(3<TCP:[1]>, {sa_family=AF_INET, sin_port=htons(443), ' +
        `sin_addr=inet_addr("127.0.0.1")}, 16) = ${result}`,
    );

  it('that was made, refused, or is under way is told apart', () => {
    const made = connect('0');
    assert.deepEqual([made['net.errno'], made['net.pending']], [undefined, undefined]);
    const refused = connect('-1 ECONNREFUSED (Connection refused)');
    assert.deepEqual([refused['net.errno'], refused['net.pending']], ['ECONNREFUSED', undefined]);
    const underWay = connect('-1 EINPROGRESS (Operation now in progress)');
    assert.deepEqual([underWay['net.errno'], underWay['net.pending']], [undefined, true]);
    assert.equal(underWay['net.dst_port'], 443);
  });
});
