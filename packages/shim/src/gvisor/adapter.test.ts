/** The adapter over a recorded sandbox, and over what a hostile sentry may say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Scrubber, SHIM_HELD_CALLS_MAX } from '@vitrine/schema';
import type { Adapter } from '../adapter/adapter.ts';
import type { ShimEvent } from '../send/event.ts';
import { readLogLine } from './log-line.ts';
import { gvisorShim } from './main.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/gvisor.txt', import.meta.url));
const WS = '/tmp/rec/ws';
const frames = readFileSync(FIXTURE, 'utf8')
  .split('\n')
  .slice(1, -1)
  .map((line) => (line.startsWith('{') ? Buffer.from(line) : Buffer.from(line, 'hex')));

function adapterOf(log: boolean): Adapter {
  return gvisorShim.adapter({
    scrubber: new Scrubber([]),
    grants: [
      { path: WS, mode: 'rw_no_delete' },
      { path: '/tmp/rec/ro', mode: 'ro' },
    ],
    now: () => '9',
    given: log ? { log: 'boot.log' } : {},
  });
}

function eventsOf(log: boolean, adapter = adapterOf(log)): ShimEvent[] {
  const given = frames.filter((frame) => log || frame[0] !== 0x7b);
  return [...given.flatMap((frame) => adapter.read(frame)), ...(adapter.end?.() ?? [])];
}

function finder(events: ShimEvent[]) {
  return (kind: string, more: Record<string, unknown>): ShimEvent => {
    const found = events.find(
      (event) =>
        event.kind === kind &&
        Object.entries(more).every(([name, value]) => event.attributes[name] === value),
    );
    assert.ok(found, `${kind} ${JSON.stringify(more)}`);
    return found;
  };
}

describe('a recorded sandbox, sink and log', () => {
  const adapter = adapterOf(true);
  const events = eventsOf(true, adapter);
  const has = finder(events);

  it('has what the workload did, each once', () => {
    has('file.create', { 'file.path': `${WS}/a.txt`, 'file.flags': 'O_WRONLY|O_CREAT|O_TRUNC' });
    has('file.rename', { 'file.path': `${WS}/a.txt`, 'file.target_path': `${WS}/b.txt` });
    has('file.symlink', { 'file.path': `${WS}/esc`, 'file.target_path': '/etc/passwd' });
    has('file.link', { 'file.path': `${WS}/hard.txt`, 'file.target_path': `${WS}/b.txt` });
    has('file.chmod', { 'file.path': `${WS}/b.txt`, 'file.mode': '0o600' });
    has('file.delete', { 'file.path': `${WS}/d/e/f` });
    has('file.mkdir', { 'file.path': `${WS}/t0/below` });
    has('process.exit', { 'process.exit_code': 7 });
    has('net.connect', { 'net.dst_ip': '127.0.0.1', 'net.dst_port': 18_443, 'net.pending': true });
    has('net.listen', { 'net.src_ip': '0.0.0.0', 'net.src_port': 8_080 });
    has('net.listen', { 'net.path': `${WS}/t0/u.sock` });
    const made = events.filter(
      ({ kind, attributes }) => kind === 'file.create' && attributes['file.path'] === `${WS}/a.txt`,
    );
    assert.equal(made.length, 2, 'written and appended, by sink and log together');
  });

  it('says where a link led, once the file is closed', () => {
    has('file.open', { 'file.path': `${WS}/esc`, 'file.real_path': '/etc/passwd' });
  });

  it('has what was denied, and the modes of the mounts', () => {
    has('file.create', { 'file.path': '/tmp/rec/ro/x', 'file.errno': 'EROFS' });
    has('file.delete', { 'file.path': '/tmp/rec/ro/keep', 'file.mount_mode': 'ro' });
    has('file.mount', { 'file.path': '/tmp', 'file.errno': 'EPERM' });
    has('syscall', { 'syscall.name': 'unshare', 'syscall.result': 'EPERM' });
    has('file.truncate', {
      'file.path': `${WS}/b.txt`,
      'file.mount_mode': 'rw_no_delete',
      'file.delete_equivalent': 'truncate',
    });
  });

  it('sees through names that make the sentry silent, and counts its silence', () => {
    has('file.create', { 'file.path': `${WS}/bad\ufffd`, 'file.path_lossy': true });
    has('file.create', { 'file.path': `${WS}/d\ufffd/in-bad-cwd` });
    has('file.delete', { 'file.path': `${WS}/d\ufffd/in-bad-cwd` });
    const argv = JSON.stringify(['/bin/true', 'bad-argument\ufffd']);
    has('process.exec', { 'vitrine.part.argv': argv });
    assert.equal(adapter.counts.dropped, adapter.counts.silent);
    assert.ok(adapter.counts.dropped > 0);
  });

  it('has no secret of a command line and no environment', () => {
    assert.ok(
      frames.some((frame) => frame.includes('sk-test-12345678')),
      'the recording has it',
    );
    assert.ok(!JSON.stringify(events).includes('sk-test-12345678'));
    assert.ok(!JSON.stringify(events).includes('TOKEN='));
  });

  it('reads every frame, and ends without a gap', () => {
    assert.equal(adapter.counts.unparsed, 0);
    assert.equal(events.filter(({ kind }) => kind === 'telemetry.gap').length, 0);
  });
});

describe('a recorded sandbox, sink alone', () => {
  it('has deletes and renames, and makes no path up', () => {
    const has = finder(eventsOf(false));
    for (const kind of ['file.delete', 'file.rename', 'file.symlink', 'file.truncate']) {
      assert.equal(has(kind, {}).attributes['file.path'], undefined, kind);
    }
    has('file.delete', { 'file.errno': 'EROFS' });
  });
});

describe('a sentry', () => {
  const header = (type: number, dropped: number): Buffer => {
    const packet = Buffer.alloc(13);
    packet.write('P');
    packet.writeUInt32LE(1, 1);
    packet.writeUInt16LE(8, 5);
    packet.writeUInt16LE(type, 7);
    packet.writeUInt32LE(dropped, 9);
    return packet;
  };
  const opened = Buffer.from('4f010000000801', 'hex');
  const ended = Buffer.from('4501000000', 'hex');

  it('that drops is counted, by the difference', () => {
    const adapter = adapterOf(false);
    for (const frame of [opened, header(5, 0), header(5, 7), header(5, 7), header(5, 9)]) {
      adapter.read(frame);
    }
    assert.equal(adapter.counts.dropped, 9);
  });

  it('that connects and says nothing leaves a sandbox unseen: a gap', () => {
    const adapter = adapterOf(false);
    const events = [opened, ended].flatMap((frame) => adapter.read(frame));
    assert.equal(events[0]?.kind, 'telemetry.gap');
    assert.match(String(events[0]?.attributes.reason), /not monitored/);
  });

  it('that goes away before its processes leaves a gap', () => {
    const adapter = adapterOf(false);
    const events = [...frames.slice(0, 40), ended].flatMap((frame) => adapter.read(frame));
    assert.equal(events.at(-1)?.kind, 'telemetry.gap');
  });

  it('may send anything', () => {
    const adapter = adapterOf(true);
    adapter.read(opened);
    const odd = [header(99, 0), Buffer.from('P'), Buffer.concat([header(7, 0), Buffer.from('\n')])];
    for (const frame of odd) adapter.read(frame);
    assert.equal(adapter.counts.unparsed, odd.length);
  });
});

describe('a line of the log', () => {
  const line = (msg: string): string =>
    JSON.stringify({ msg, level: 'info', time: '2026-01-02T03:04:05.000000006Z' });

  it('waits for a silent sink among no more than a bound of them, and none is lost', () => {
    const adapter = adapterOf(true);
    const call = Buffer.from(line('[   2:   2] x X rmdir(0x7f00 /a) = 0 (0x0) (1µs)'));
    adapter.read(Buffer.from([0x4f, 1, 0, 0, 0]));
    let events = 0;
    for (let i = 0; i < 3 * SHIM_HELD_CALLS_MAX; i++) events += adapter.read(call).length;
    assert.ok(events >= 2 * SHIM_HELD_CALLS_MAX, `${events} of a flood were told`);
    const last = adapter.end!().filter(({ kind }) => kind === 'file.delete');
    assert.equal(events + last.length, 3 * SHIM_HELD_CALLS_MAX);
  });

  it('cannot be forged by the name of a process or of a file', () => {
    const call = readLogLine(line('[   2:   3] x X unlink(0x X rmdir(0x7f00 /a) = 0 (0x0) (1µs)'));
    assert.ok(typeof call === 'object');
    assert.deepEqual([call.pid, call.tid, call.name, call.args.path], [2, 3, 'rmdir', '/a']);
    assert.equal(call.t, '1767323045000000006');
    const name = '/a) = 0 (0x0) errno=13 (no) (1µs)';
    const other = readLogLine(line(`[   2:   2] x X rmdir(0x7f00 ${name}) = 0 (0x0) (2µs)`));
    assert.ok(typeof other === 'object');
    assert.deepEqual([other.args.path, other.errno], [name, 0]);
  });

  it('with separators in its names is marked', () => {
    const text =
      '[2:2] x X renameat(AT_FDCWD /w, 0x7f a, 0x7f b, 0xffffff9c, 0x7f c) = 0 (0x0) (1s)';
    const call = readLogLine(line(text));
    assert.ok(typeof call === 'object' && call.args.unsure);
  });
});
