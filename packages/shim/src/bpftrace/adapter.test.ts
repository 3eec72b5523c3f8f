/** The adapter over a recorded sandbox, and over streams that lost something. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Scrubber } from '@vitrine/schema';
import type { Adapter, AdapterSettings } from '../adapter/adapter.ts';
import type { ShimEvent } from '../send/event.ts';
import { BpftraceAdapter } from './adapter.ts';
import { bpftraceShim } from './main.ts';
import { programOf, TRACED_CALLS } from './program.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/bpftrace.txt', import.meta.url));
const WS = '/tmp/rec/ws';

const settings: AdapterSettings = {
  scrubber: new Scrubber([]),
  grants: [
    { path: WS, mode: 'rw_no_delete' },
    { path: '/tmp/rec/ro', mode: 'ro' },
  ],
  now: () => '1000000000000000000',
  given: {},
};

function adapterOf(): Adapter {
  return bpftraceShim.adapter(settings);
}

function eventsOf(lines: string[], adapter = adapterOf()): ShimEvent[] {
  return lines.flatMap((line) => adapter.read(Buffer.from(line)));
}

const record = (data: string): string => JSON.stringify({ type: 'printf', data });

describe('a recorded sandbox, from the host', () => {
  const adapter = adapterOf();
  const recorded = readFileSync(FIXTURE, 'utf8').split('\n').slice(1, -1);
  const events = eventsOf(recorded, adapter);
  const has = (kind: string, more: Record<string, unknown>): void => {
    const found = events.some(
      (event) =>
        event.kind === kind &&
        Object.entries(more).every(([name, value]) => event.attributes[name] === value),
    );
    assert.ok(found, `${kind} ${JSON.stringify(more)}`);
  };

  it('has what the workload did, with paths as asked and as they led', () => {
    assert.equal(adapter.started, true);
    assert.equal(adapter.counts.unparsed, 0);
    has('file.create', { 'file.path': `${WS}/a.txt`, 'file.flags': 'O_WRONLY|O_CREAT|O_TRUNC' });
    has('file.read', { 'file.path': `${WS}/esc`, 'file.real_path': '/etc/passwd' });
    has('file.symlink', { 'file.path': `${WS}/esc`, 'file.target_path': '/etc/passwd' });
    has('file.rename', { 'file.path': `${WS}/a.txt`, 'file.flags': 'RENAME_NOREPLACE' });
    has('file.link', { 'file.path': `${WS}/hard.txt`, 'file.target_path': `${WS}/b.txt` });
    has('file.chmod', { 'file.path': `${WS}/b.txt`, 'file.mode': '0600' });
    has('file.truncate', { 'file.path': `${WS}/b.txt`, 'file.delete_equivalent': 'truncate' });
    has('file.delete', { 'file.path': `${WS}/d/e/f`, 'file.mount_mode': 'rw_no_delete' });
    has('file.mkdir', { 'file.path': `${WS}/t0/below` });
    has('file.create', { 'file.path': `${WS}/café\n"q">` });
    has('file.create', { 'file.path': `${WS}/bad\ufffd`, 'file.path_lossy': true });
    has('process.exit', { 'process.exit_code': 7 });
  });

  it('has what was denied, and sockets', () => {
    has('file.create', { 'file.path': '/tmp/rec/ro/x', 'file.errno': 'EROFS' });
    has('file.delete', { 'file.path': '/tmp/rec/ro/keep', 'file.mount_mode': 'ro' });
    has('file.mount', { 'file.path': '/tmp', 'file.errno': 'EPERM' });
    has('syscall', { 'syscall.name': 'unshare', 'syscall.result': 'EPERM' });
    has('net.connect', { 'net.dst_ip': '127.0.0.1', 'net.dst_port': 18_443, 'net.pending': true });
    has('net.connect', { 'net.dst_ip': '198.51.100.7', 'net.errno': 'ENETUNREACH' });
    has('net.listen', { 'net.src_ip': '0.0.0.0', 'net.src_port': 8_080 });
    has('net.listen', { 'net.path': `${WS}/t0/u.sock` });
  });

  it('has no secret of a command line', () => {
    assert.ok(
      recorded.some((line) => line.includes('sk-test-12345678')),
      'the recording has it',
    );
    assert.ok(!JSON.stringify(events).includes('sk-test-12345678'));
  });
});

describe('a stream', () => {
  it('says what it lost', () => {
    const adapter = adapterOf();
    eventsOf(['{"type": "lost_events", "data": {"events": 61}}'], adapter);
    assert.equal(adapter.counts.dropped, 61);
  });

  it('that lost the end of a call gives it up, and mixes no two threads', () => {
    const lines = [
      record('C|unlink|5|7|7|0|0|lost'),
      record('B|7'),
      record('C|unlink|6|7|7|0|0|kept'),
      record('C|unlink|6|8|8|0|0|other'),
      ...['B|7', 'B|8', 'D|7|a', 'D|8|b', 'R|8', 'R|7', 'E|7', 'E|8'].map(record),
    ];
    const paths = eventsOf(lines).map(({ attributes }) => attributes['file.path']);
    assert.deepEqual(paths, ['/a/kept', '/b/other']);
  });

  it('has names that hold the separator, and times of the monotonic clock', () => {
    const adapter = new BpftraceAdapter(settings, 1_000_000_000_000_000_000n);
    const lines = ['C|rmdir|2000|7|7|0|0|/a|b', 'E|7'].map((text) => record(text));
    const [event] = eventsOf(lines, adapter);
    assert.equal(event?.attributes['file.path'], '/a|b');
    assert.equal(event?.t, '1000000000000002000');
  });

  it('tells of a call that a filter turned away before it began', () => {
    const [event] = eventsOf([record('Z|unlinkat|5|7|7|-1')]);
    assert.deepEqual([event?.kind, event?.attributes['file.errno']], ['file.delete', 'EPERM']);
  });
});

describe('the program', () => {
  it('asks for the tracepoints that are there, and for the cgroup as it is named', () => {
    const program = programOf('/sys/fs/cgroup/a"b', new Set(['unlinkat']));
    assert.ok(program.includes('cgroupid("/sys/fs/cgroup/a\\"b")'));
    assert.ok(program.includes('sys_enter_unlinkat') && !program.includes('sys_enter_openat'));
    const whole = programOf('/c', new Set(TRACED_CALLS));
    for (const name of TRACED_CALLS) assert.ok(whole.includes(`sys_exit_${name} `), name);
  });
});
