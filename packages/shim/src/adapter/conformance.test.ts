/**
 * Every adapter of the registry against what a hostile emitter writes: nothing throws, everything
 * is counted, memory stays bounded, and what was wrong becomes a telemetry record.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  EVENT_KINDS,
  Scrubber,
  SHIM_FRAME_BYTES_MAX,
  SHIM_UNREADABLE_KEPT_MAX,
} from '@vitrine/schema';
import fc from 'fast-check';
import { SOURCES, type Source } from '../registry.ts';
import type { ShimEvent } from '../send/event.ts';
import type { Adapter } from './adapter.ts';
import { Feed } from './feed.ts';
import type { StreamShim } from './main.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url);
const HEX = /^(?:[0-9a-f]{2})+$/;
/** What a busy sandbox writes in some seconds. */
const FLOOD_FRAMES = 4_000;
/** Beside what an entry of the registry names. */
const EVERY_SOURCE = /^(?:telemetry\.\w+|other)$/;

function adapterOf(stream: StreamShim, now = () => '1700000000000000000'): Adapter {
  return stream.adapter({
    scrubber: new Scrubber([]),
    grants: [{ path: '/tmp/rec/ws', mode: 'rw' }],
    now,
    // What one source or another needs to be made at all.
    given: { forwarder: '/run/vitrine/node', log: 'boot.log' },
  });
}

function framesOf({ fixtures }: Source): Buffer[] {
  return fixtures.flatMap((name) => {
    const text = readFileSync(fileURLToPath(new URL(name, FIXTURES)));
    const lines = text.toString('latin1').split('\n').slice(1);
    return lines
      .filter((line) => line !== '')
      .map((line) => Buffer.from(line, HEX.test(line) ? 'hex' : 'latin1'));
  });
}

/** Frames as they come over a pipe. */
function wired({ framing }: StreamShim, frames: Buffer[]): Buffer {
  const parts = frames.flatMap((frame) => {
    if (framing === 'lines') return [frame, Buffer.from('\n')];
    const length = Buffer.alloc(4);
    length.writeUInt32LE(frame.length);
    return [length, frame];
  });
  return Buffer.concat(parts);
}

/** All events of some bytes, through the feed, in pieces. */
async function fed(stream: StreamShim, chunks: Iterable<Buffer>): Promise<ShimEvent[]> {
  const events: ShimEvent[] = [];
  const outbox = {
    full: false,
    size: 0,
    onRoom: (listener: () => void) => listener(),
    add: async (event: ShimEvent) => {
      events.push(event);
    },
  };
  const feed = new Feed({ adapter: adapterOf(stream), outbox });
  const input = new PassThrough();
  const ended = feed.read({ stream: input, framing: stream.framing });
  for (const chunk of chunks) input.write(chunk);
  input.end();
  await ended;
  feed.end();
  return events;
}

const streams: { source: Source; stream: StreamShim }[] = [];
for (const source of SOURCES) {
  const { stream } = await source.start();
  if (stream !== undefined) streams.push({ source, stream });
}

for (const { source, stream } of streams) {
  describe(`the adapter of ${source.name}`, () => {
    const frames = framesOf(source);

    it('reads its recording, in whatever pieces, as kinds that the registry names', async () => {
      const bytes = wired(stream, frames);
      const pieces: Buffer[] = [];
      for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 3) % 4_096) {
        pieces.push(bytes.subarray(at, at + size));
      }
      const [whole, cut] = await Promise.all([fed(stream, [bytes]), fed(stream, pieces)]);
      const kinds = (events: ShimEvent[]): string[] => events.map(({ kind }) => kind);
      assert.deepEqual(kinds(cut), kinds(whole));
      for (const kind of new Set(kinds(whole))) {
        assert.ok(EVENT_KINDS.has(kind), kind);
        assert.ok(source.kinds.includes(kind) || EVERY_SOURCE.test(kind), kind);
      }
    });

    it('throws at nothing: half frames, changed bytes, garbage', () => {
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((raw) => Buffer.from(raw)),
        fc.tuple(fc.nat(frames.length - 1), fc.nat(), fc.nat(255)).map(([at, place, value]) => {
          const frame = Buffer.from(frames[at]!);
          if (frame.length > 0) frame[place % frame.length] = value;
          return frame;
        }),
        fc.tuple(fc.nat(frames.length - 1), fc.nat()).map(([at, length]) => {
          const frame = frames[at]!;
          return frame.subarray(0, length % (frame.length + 1));
        }),
      );
      fc.assert(
        fc.property(fc.array(bytes, { maxLength: 40 }), (hostile) => {
          const adapter = adapterOf(stream);
          for (const frame of [...frames.slice(0, 20), ...hostile]) {
            for (const { kind, t } of adapter.read(frame)) {
              assert.ok(EVENT_KINDS.has(kind), kind);
              assert.match(t, /^-?\d{1,20}$/);
            }
          }
          assert.equal(adapter.counts.frames, Math.min(20, frames.length) + hostile.length);
        }),
        { numRuns: 60 },
      );
    });

    it('counts what cannot be read and keeps the first of it, and the feed tells', async () => {
      const odd = Array.from({ length: 500 }, (_, i) => Buffer.from(`no such frame \xff ${i}`));
      const events = await fed(stream, [wired(stream, odd)]);
      const kept = events.filter(({ kind }) => kind === 'other').length;
      assert.equal(kept, SHIM_UNREADABLE_KEPT_MAX);
      const drops = events.filter(({ kind }) => kind === 'telemetry.drop');
      assert.equal(
        drops.reduce((sum, { attributes }) => sum + Number(attributes.unparsed), 0),
        500,
      );
    });

    it('is given a giant frame as far as the limit, and the feed tells', async () => {
      const giant = Buffer.alloc(3 * SHIM_FRAME_BYTES_MAX, 'x');
      const events = await fed(stream, [wired(stream, [giant, ...frames.slice(0, 5)])]);
      const [drop] = events.filter(({ kind }) => kind === 'telemetry.drop');
      assert.equal(drop?.attributes.cut, 1);
      assert.ok(JSON.stringify(events).length < SHIM_FRAME_BYTES_MAX);
    });

    it('goes on behind a recording that was replaced in the middle of a frame', async () => {
      const bytes = wired(stream, frames);
      const rotated = [bytes.subarray(0, 3_001), Buffer.from('\n'), bytes];
      const events = await fed(stream, rotated);
      assert.ok(events.every(({ kind }) => EVENT_KINDS.has(kind)));
      // Packets are framed by a helper of ours, which no file is put in the place of.
      const whole = (await fed(stream, [bytes])).length;
      if (stream.framing === 'lines') assert.ok(events.length >= whole, `${events.length}`);
    });

    it('counts every frame and every event of a flood', () => {
      const adapter = adapterOf(stream);
      const rounds = Math.ceil(FLOOD_FRAMES / frames.length);
      let events = 0;
      for (let round = 0; round < rounds; round++) {
        for (const frame of frames) events += adapter.read(frame).length;
      }
      assert.equal(adapter.counts.frames, rounds * frames.length);
      assert.equal(adapter.counts.events, events);
    });
  });
}
