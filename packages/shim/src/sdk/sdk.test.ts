/**
 * The SDK against an intake over gRPC: what it reports, how soon, and what becomes of it when the
 * intake is slow, away, full or refuses.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  readPath,
  SHIM_BATCH_BYTES_MAX,
  SHIM_QUEUE_BYTES_MAX,
  SHIM_QUEUE_EVENTS_MAX,
  SHIM_RETRY_MS_MAX,
} from '@vitrine/schema';
import { StageIntake } from '../stage/intake.ts';
import { startVitrine, type Vitrine, type VitrineOptions } from './index.ts';

let intake: StageIntake;
const started: Vitrine[] = [];
const logged: string[] = [];

beforeEach(async () => {
  intake = await new StageIntake().start();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((vitrine) => vitrine.shutdown(100)));
  await intake.end();
  logged.length = 0;
});

async function start(more: Partial<VitrineOptions> = {}): Promise<Vitrine> {
  const vitrine = await startVitrine({
    endpoint: `unix://${intake.socket}`,
    shim: 'my-agent',
    log: (line) => logged.push(line),
    ...more,
  });
  started.push(vitrine);
  while (vitrine.counts.sent === 0) await sleep(1);
  intake.sizes.length = 0;
  return vitrine;
}

const numbers = (): unknown[] => intake.events.map((event) => readPath(event.fields, 'source.seq'));
const paths = (): unknown[] => intake.of('file.read').map((e) => readPath(e.fields, 'file.path'));
const read = (vitrine: Vitrine, path: string, more = {}) =>
  vitrine.event('file.read', { 'file.path': path }, more);

describe('an event', () => {
  it('is a typed record with its members, parts, number and session, and no more', async () => {
    const vitrine = await start({ session: 's-1' });
    const attributes = { 'tool.name': 'Bash', 'tool.input_bytes': 12, 'tool.large': 2n ** 60n };
    const parts = { tool_input: 'rm -rf /', raw: new Uint8Array([1, 2]) };
    await vitrine.event('tool.call', attributes, { parts, t: '1764000000123456789' });
    const [event] = intake.of('tool.call');
    const { trace, span, ...fields } = event!.fields;
    assert.deepEqual(fields, {
      source: { shim: 'my-agent', seq: 1 },
      tool: { name: 'Bash', input_bytes: 12, large: '1152921504606846976' },
    });
    assert.deepEqual(Object.keys(span as object), ['id']);
    assert.match(String(readPath({ trace: trace! }, 'trace.id')), /^[0-9a-f]{32}$/);
    assert.deepEqual([event!.t, event!.session], ['1764000000123456789', 's-1']);
    const told = Object.entries(event!.parts).map(([name, data]) => [name, [...data]]);
    assert.deepEqual(told, [
      ['tool_input', [...Buffer.from('rm -rf /')]],
      ['raw', [1, 2]],
    ]);
  });

  it('is durable when its promise is kept, and not before', async () => {
    const vitrine = await start();
    intake.delayMs = 150;
    const began = performance.now();
    await read(vitrine, '/a');
    assert.deepEqual(paths(), ['/a']);
    assert.ok(performance.now() - began >= 150);
  });

  it('waits for no others: the first goes alone, what came meanwhile goes together', async () => {
    const vitrine = await start();
    intake.delayMs = 50;
    const first = read(vitrine, '/0');
    await sleep(10);
    const others = Array.from({ length: 59 }, (_, i) => read(vitrine, `/${i + 1}`));
    await Promise.all([first, ...others]);
    assert.deepEqual(intake.sizes, [1, 59]);
    assert.equal(paths().join(''), Array.from({ length: 60 }, (_, i) => `/${i}`).join(''));
  });

  it('is sent by few when it is large', async () => {
    const vitrine = await start();
    const body = new Uint8Array(SHIM_BATCH_BYTES_MAX / 4);
    const parts = { body };
    await Promise.all(Array.from({ length: 7 }, (_, i) => read(vitrine, `/${i}`, { parts })));
    assert.deepEqual(intake.sizes, [3, 3, 1]);
  });

  it('of no kind of ours keeps everything, under its name and number', async () => {
    const vitrine = await start();
    await vitrine.event('my.own', { 'a.b': 'private' });
    const [event] = intake.of('other');
    assert.deepEqual(event!.fields.source, {
      shim: 'my-agent',
      seq: 1,
      service: 'my-agent',
      event: 'my.own',
      scope: '@vitrine/shim',
    });
    assert.match(Buffer.from(event!.parts.otlp!).toString(), /private/);
  });

  it('with a value that OTLP has not is refused by name, and costs no number', async () => {
    const vitrine = await start();
    const loop: Record<string, never> = {};
    loop.loop = loop as never;
    const odd = [{ x: new Date() }, { x: () => 1 }, { x: loop }, { '': 1 }, { x: Symbol.iterator }];
    for (const attributes of odd) {
      const sent = vitrine.event('tool.call', attributes as never);
      await assert.rejects(sent, { code: 'SEND_REFUSED' });
    }
    const late = vitrine.event('tool.call', {}, { t: 'yesterday' });
    await assert.rejects(late, { code: 'SEND_REFUSED' });
    await vitrine.event('tool.call', { none: undefined as never });
    assert.deepEqual(numbers(), [0, 1]);
  });

  it('brings its token', async () => {
    const vitrine = await start({ token: 'vt_secret' });
    await read(vitrine, '/a');
    assert.deepEqual(new Set(intake.tokens), new Set(['Bearer vt_secret']));
  });
});

describe('when the intake does not take it', () => {
  it('rejects after its bound, keeps it in line and in order, and is soon heard', async () => {
    const vitrine = await start();
    await intake.stop();
    await assert.rejects(read(vitrine, '/0', { boundMs: 50 }), { code: 'SEND_UNHEARD' });
    const later = [1, 2, 3].map((i) => read(vitrine, `/${i}`, { boundMs: 60_000 }));
    // By then gRPC itself would wait for four seconds before it connects again.
    await sleep(5_700);
    await intake.start();
    const back = performance.now();
    await Promise.all(later);
    const tookMs = performance.now() - back;
    assert.ok(tookMs < SHIM_RETRY_MS_MAX + 1_000, `${tookMs} ms`);
    assert.deepEqual(paths(), ['/0', '/1', '/2', '/3']);
    assert.deepEqual(numbers(), [0, 1, 2, 3, 4]);
    assert.equal(await vitrine.shutdown(), true);
    assert.deepEqual(logged, []);
  });

  it('tries again while it answers that it is full or has too much', async () => {
    const vitrine = await start();
    for (const status of [503, 429]) {
      intake.status = status;
      const sent = read(vitrine, `/${status}`);
      await sleep(100);
      intake.status = undefined;
      await sent;
    }
    assert.deepEqual([paths(), vitrine.counts.refused], [['/503', '/429'], 0]);
    intake.status = 413;
    await assert.rejects(read(vitrine, '/large'), { code: 'SEND_REFUSED' });
  });

  it('loses one that is refused and not its neighbours, and says so at the end', async () => {
    const vitrine = await start();
    intake.refuses = ({ fields }) => readPath(fields, 'file.path') === '/2';
    const sent = [0, 1, 2, 3, 4].map((i) => read(vitrine, `/${i}`));
    const outcomes = await Promise.allSettled(sent);
    assert.deepEqual(
      outcomes.map(({ status }) => status === 'fulfilled'),
      [true, true, false, true, true],
    );
    assert.deepEqual(paths(), ['/0', '/1', '/3', '/4']);
    assert.equal(await vitrine.shutdown(), false);
    const [bye] = intake.of('telemetry.bye');
    assert.equal(readPath(bye!.fields, 'counts.unsent'), 1);
    assert.match(logged.join(), /my-agent: the receiver refused the events \(INVALID_ARGUMENT\)/);
  });

  it('says which token or port is wrong, not what was sent', async () => {
    const vitrine = await start();
    intake.status = 401;
    const sent = vitrine.event('tool.call', { secret: 'words' });
    await assert.rejects(sent, { code: 'SEND_REFUSED', message: /UNAUTHENTICATED/ });
    assert.doesNotMatch(logged.join(), /words/);
  });

  it('tells of what found no room when there is, and leaves a hole in the numbers', async () => {
    const vitrine = await start();
    intake.status = 503;
    const room = 2 * SHIM_QUEUE_EVENTS_MAX;
    const sent = Array.from({ length: room }, (_, i) =>
      read(vitrine, `/${i}`, { boundMs: 60_000 }),
    );
    const over = [read(vitrine, '/x'), read(vitrine, '/y')];
    for (const lost of over) await assert.rejects(lost, { code: 'SEND_UNHEARD' });
    intake.status = undefined;
    await Promise.all(sent);
    const drop = await intake.until(({ kind }) => kind === 'telemetry.drop');
    assert.equal(drop.fields.reason, 'queue_full');
    assert.equal(drop.fields.records, 2);
    assert.equal(readPath(drop.fields, 'source.seq'), room + 3);
    assert.deepEqual([vitrine.counts.dropped, paths().length], [2, room]);
    assert.equal(await vitrine.shutdown(), false);
  });

  it('has room for so many bytes', async () => {
    const vitrine = await start();
    intake.status = 503;
    const parts = { body: new Uint8Array(SHIM_QUEUE_BYTES_MAX / 8) };
    const sent = Array.from({ length: 7 }, () => read(vitrine, '/a', { parts, boundMs: 60_000 }));
    const over = read(vitrine, '/over', {
      parts: { body: new Uint8Array(SHIM_QUEUE_BYTES_MAX / 8) },
    });
    await assert.rejects(over, { code: 'SEND_UNHEARD', message: /no room/ });
    await vitrine.shutdown(50);
    for (const lost of sent) await assert.rejects(lost);
  });

  it('asks nobody to catch: a report that nobody waits for does not end the process', async () => {
    const vitrine = await start();
    intake.status = 401;
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    void read(vitrine, '/a');
    void vitrine.event('tool.call', { x: (() => 1) as never });
    await sleep(100);
    process.off('unhandledRejection', note);
    assert.deepEqual([unhandled, vitrine.counts.refused], [[], 1]);
  });
});

describe('what takes time', () => {
  it('is one event with its duration, around those that were reported inside', async () => {
    const vitrine = await start();
    const result = await vitrine.during('tool.call', { 'tool.name': 'Read' }, async (doing) => {
      await read(vitrine, '/a');
      await sleep(20);
      doing.say({ 'tool.success': true }, { tool_output: 'text' });
      return 42;
    });
    assert.equal(result, 42);
    const [outer] = intake.of('tool.call');
    const [inner] = intake.of('file.read');
    assert.deepEqual(outer!.fields.tool, { name: 'Read', success: true });
    assert.equal(Buffer.from(outer!.parts.tool_output!).toString(), 'text');
    assert.ok(Number(readPath(outer!.fields, 'span.duration_ns')) >= 19_000_000);
    assert.ok(BigInt(outer!.t) <= BigInt(inner!.t), 'its time is when it began');
    const of = (path: string) => [readPath(outer!.fields, path), readPath(inner!.fields, path)];
    const [outerId] = of('span.id');
    assert.deepEqual(of('span.parent_id'), [undefined, outerId]);
    assert.equal(new Set(of('trace.id')).size, 1);
  });

  it('passes on what was thrown, and says that it failed without its words', async () => {
    const vitrine = await start();
    const act = (): never => {
      throw new Error('no such key: sk-canary');
    };
    await assert.rejects(vitrine.during('tool.call', {}, act), /sk-canary/);
    const [event] = intake.of('tool.call');
    assert.equal(readPath(event!.fields, 'span.status'), 'error');
    assert.ok(!intake.bodies.some((body) => body.includes('sk-canary')));
  });

  it('gives its result although nobody takes the report', async () => {
    const vitrine = await start();
    intake.status = 401;
    assert.equal(await vitrine.during('tool.call', {}, () => 'done'), 'done');
    assert.equal(vitrine.counts.refused, 1);
  });
});

describe('a life', () => {
  it('begins with hello, ends with bye and its counters, and takes nothing after', async () => {
    const vitrine = await start({ counts: () => ({ calls: 7 }) });
    assert.equal(await vitrine.shutdown(), true);
    assert.deepEqual(
      intake.events.map(({ kind }) => kind),
      ['telemetry.hello', 'telemetry.bye'],
    );
    assert.match(String(readPath(intake.events[0]!.fields, 'versions.shim')), /^\d+\.\d+\.\d+$/);
    assert.deepEqual(intake.events[1]!.fields.counts, { calls: 7, unsent: 0 });
    await assert.rejects(read(vitrine, '/late'), { code: 'SEND_UNHEARD' });
  });

  it('needs a name and an endpoint that can be', async () => {
    for (const shim of ['', 'x'.repeat(129)]) {
      await assert.rejects(startVitrine({ shim }), { code: 'CONFIG_INVALID' });
    }
    const endpoint = 'unix://relative.sock';
    await assert.rejects(startVitrine({ shim: 'x', endpoint }), { code: 'CONFIG_INVALID' });
  });
});
