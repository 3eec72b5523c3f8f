/**
 * The window over a log that grows, is paged at both ends, cut off and filtered: never a hole,
 * never a row twice, never without bound.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TIMELINE_FIRST_ROWS, TIMELINE_PAGE_ROWS, TIMELINE_ROWS_MAX } from '@vitrine/schema/record';
import fc from 'fast-check';
import { ApiFailure } from '../../../lib/api/client.ts';
import { MemoryLog } from './log.fixture.ts';
import { type Filter, Timeline, type TimelineState } from './timeline.ts';
import { EventWindow, type Place } from './window.ts';

const ALL: Filter = { kinds: [], vantages: [], text: '' };

async function opened(log: MemoryLog, place: Place, filter = ALL): Promise<Timeline> {
  const timeline = new Timeline(log, filter, true);
  await timeline.open(place);
  return timeline;
}

const indices = ({ items }: TimelineState): number[] => items.map(({ index }) => index);

/** What is shown is exactly what the log has between its first and last row. */
function assertWhole(state: TimelineState, log: MemoryLog, filter = ALL): void {
  const all = log.matching(filter).map(({ index }) => index);
  const shown = indices(state);
  const from = state.startReached ? 0 : all.indexOf(shown[0] ?? -1);
  const to = state.endReached ? all.length : from + shown.length;
  assert.deepEqual(shown, all.slice(from, to));
}

describe('a timeline', () => {
  it('opens at the newest end with one small page and no older row', async () => {
    const log = new MemoryLog();
    log.publish(1_000, 2);
    const timeline = await opened(log, { at: 'end' });
    const state = timeline.state();
    assert.equal(state.items.length, TIMELINE_FIRST_ROWS);
    assert.equal(state.items.at(-1)!.index, log.items.at(-1)!.index);
    assert.deepEqual([state.startReached, state.endReached], [false, true]);
    assert.equal(log.asked.length, 1);
    assertWhole(state, log);
  });

  it('opens around a deep link with as many rows', async () => {
    const log = new MemoryLog();
    log.publish(1_000, 1);
    const index = log.items[500]!.index;
    const state = (await opened(log, { at: 'index', index })).state();
    assert.equal(state.items.length, TIMELINE_FIRST_ROWS);
    assert.ok(indices(state).includes(index));
    assertWhole(state, log);
  });

  it('pages to both ends without a hole or a double', async () => {
    const log = new MemoryLog();
    log.publish(2_000, 1);
    const timeline = await opened(log, { at: 'index', index: 1_999 });
    while (!timeline.state().startReached) await timeline.more('start');
    while (!timeline.state().endReached) await timeline.more('end');
    assert.deepEqual(
      indices(timeline.state()),
      log.items.map(({ index }) => index),
    );
  });

  it('follows the tail at its end, and continues after a cut', async () => {
    const log = new MemoryLog();
    log.publish(100);
    const timeline = await opened(log, { at: 'end' });
    log.publish(3, 5);
    log.cut(() => log.publish(40, 1));
    log.publish(1);
    assertWhole(timeline.state(), log);
    assert.equal(timeline.state().fresh, 44);
    timeline.seen();
    assert.equal(timeline.state().fresh, 0);
  });

  it('keeps what the tail tells while the reader is elsewhere, and joins it', async () => {
    const log = new MemoryLog();
    log.publish(TIMELINE_FIRST_ROWS + 20);
    const timeline = await opened(log, { at: 'start' });
    log.publish(7, 3);
    assert.equal(timeline.state().items.length, TIMELINE_FIRST_ROWS);
    assert.equal(timeline.state().fresh, 7);
    await timeline.more('end');
    assert.equal(timeline.state().endReached, true);
    log.publish(2);
    assertWhole(timeline.state(), log);
  });

  it('pages in what the tail told more than may wait', async () => {
    const log = new MemoryLog();
    log.publish(200);
    const timeline = await opened(log, { at: 'start' });
    log.publish(5_000);
    while (!timeline.state().endReached) await timeline.more('end');
    assertWhole(timeline.state(), log);
  });

  it('reads a side once however often it is asked', async () => {
    const log = new MemoryLog();
    log.publish(1_000);
    const timeline = await opened(log, { at: 'end' });
    await Promise.all([timeline.more('start'), timeline.more('start'), timeline.more('start')]);
    assert.equal(log.asked.length, 2);
    assert.equal(timeline.state().items.length, TIMELINE_FIRST_ROWS + TIMELINE_PAGE_ROWS);
  });

  it('filters on the server and in the tail', async () => {
    const log = new MemoryLog();
    log.publish(300);
    log.publish(5, 0, { kind: 'file.read' });
    const timeline = await opened(log, { at: 'end' });
    const filter = { ...ALL, kinds: ['file.read'] };
    const asked = timeline.setFilter(filter, { at: 'end' });
    assert.equal(timeline.state().opening, true);
    assert.equal(timeline.state().items.length, TIMELINE_FIRST_ROWS);
    await asked;
    log.publish(2, 0, { kind: 'file.read' });
    log.publish(9);
    assert.equal(timeline.state().items.length, 7);
    assert.equal(log.followers, 1);
    assertWhole(timeline.state(), log, filter);
  });

  it('lets an answer go that another question has overtaken', async () => {
    const log = new MemoryLog();
    log.publish(500);
    const timeline = new Timeline(log, ALL, true);
    const first = timeline.open({ at: 'start' });
    const second = timeline.open({ at: 'end' });
    await Promise.all([first, second]);
    assert.equal(timeline.state().generation, 1);
    assert.equal(timeline.state().items.at(-1)!.index, 499);
  });

  it('names a failure, keeps what it has, and goes on when asked again', async () => {
    const log = new MemoryLog();
    log.publish(500);
    const timeline = await opened(log, { at: 'end' });
    log.failure = new ApiFailure(503, 'ENGINE_AWAY', 'the store is away', 'wait');
    await timeline.more('start');
    const { failure, items, busy } = timeline.state();
    assert.deepEqual([failure?.side, failure?.failure.code], ['start', 'ENGINE_AWAY']);
    assert.equal(items.length, TIMELINE_FIRST_ROWS);
    assert.equal(busy.start, false);
    await timeline.retry();
    assert.equal(timeline.state().failure, undefined);
    assertWhole(timeline.state(), log);
  });

  it('jumps to a part of the way', async () => {
    const log = new MemoryLog();
    log.publish(10_000, 3);
    const timeline = await opened(log, { at: 'start' });
    await timeline.jump(0.5);
    const middle = log.items[5_000]!.index;
    assert.ok(indices(timeline.state()).some((index) => Math.abs(index - middle) < 20));
    assertWhole(timeline.state(), log);
  });

  it('follows nothing of a closed session, and nothing after stop', async () => {
    const log = new MemoryLog();
    log.publish(10);
    const closed = new Timeline(log, ALL, false);
    await closed.open({ at: 'end' });
    assert.equal(log.followers, 0);
    const live = await opened(log, { at: 'end' });
    assert.equal(log.followers, 1);
    live.stop();
    assert.equal(log.followers, 0);
  });

  it(`holds ${TIMELINE_ROWS_MAX} rows and no more, through 20,000`, async () => {
    const log = new MemoryLog();
    log.publish(20_000);
    const timeline = await opened(log, { at: 'start' });
    while (!timeline.state().endReached) {
      await timeline.more('end');
      assert.ok(timeline.state().items.length <= TIMELINE_ROWS_MAX);
    }
    assert.equal(timeline.state().items.length, TIMELINE_ROWS_MAX);
    assertWhole(timeline.state(), log);
    while (!timeline.state().startReached) await timeline.more('start');
    assert.equal(timeline.state().endReached, false);
    log.publish(3);
    assertWhole(timeline.state(), log);
  });
});

describe('a window', () => {
  it('stays whole whatever happens in whatever order', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ do: fc.constantFrom('start' as const, 'end' as const, 'cut' as const) }),
      fc.record({
        do: fc.constant('open' as const),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const log = new MemoryLog();
        log.publish(150, 1);
        const timeline = await opened(log, { at: 'end' });
        for (const one of steps) {
          // Not awaited at once: answers and the tail overtake each other.
          if (one.do === 'publish') log.publish(one.count, 1);
          else if (one.do === 'cut') log.cut(() => log.publish(3));
          else if (one.do === 'open') void timeline.jump(one.part);
          else void timeline.more(one.do, 20);
          await new Promise((resolve) => setImmediate(resolve));
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
        assertWhole(timeline.state(), log);
        timeline.stop();
      }),
      { numRuns: 150 },
    );
  });

  it('drops rows it has when pages overlap', () => {
    const log = new MemoryLog();
    log.publish(10);
    const window = new EventWindow();
    const page = (from: number, to: number, cursor: number | null) => ({
      items: log.items.slice(from, to),
      cursor,
      size: 10,
    });
    window.begin(undefined, page(0, 5, 4), 0);
    window.addNewer(page(3, 8, 7));
    window.addNewer(page(6, 10, null));
    assert.deepEqual(window.items, log.items);
    assert.equal(window.take(log.items), 0);
    assert.deepEqual(window.items, log.items);
  });
});
