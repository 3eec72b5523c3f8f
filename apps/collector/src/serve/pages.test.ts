/** How a page is filled: what is asked of the store, and where the page ends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PULL_READ_MS_MAX, PULL_ROWS_FIRST } from '@vitrine/schema';
import type { EventFilter, RecordRow, SearchPage, Store } from '@vitrine/store';
import { Hosts } from '../api/hosts.ts';
import { Contents } from './contents.ts';
import { type PageRequest, Pages } from './pages.ts';

const LOG = 'default.0.1';
const ORIGIN = `vitrine.local/0a1b2c3d/${LOG}`;
const SIZE = 3_000;

function rowOf(idx: number, fill: string): RecordRow {
  const record = JSON.stringify({ kind: 'tool.call', fill });
  const place = { tenant: 'default', log: LOG, idx, session: 's', shim: 'in', seq: idx };
  const said = { kind: 'tool.call', t: '1', observed: '1', sandbox: '', via: '', vantage: '' };
  const more = { peer: '', agent: '', severity: 0, title: '', subject: '' };
  return { ...place, ...said, ...more, leaf: Buffer.alloc(32), record };
}

/** A log in which every `step`-th leaf is asked for; the engine stops where `stops` says. */
function pagesOf(step: number, fill = 'x', stops: number[] = []) {
  const asked: EventFilter[] = [];
  const search = async (filter: EventFilter): Promise<SearchPage> => {
    asked.push(filter);
    const stopped = stops.shift();
    const end = stopped === undefined ? filter.size : stopped + 1;
    const rows: RecordRow[] = [];
    for (let idx = filter.after! + 1; idx < end && rows.length < filter.limit; idx++) {
      if (idx % step === 0) rows.push(rowOf(idx, fill));
    }
    return stopped === undefined || rows.length === filter.limit ? { rows } : { rows, stopped };
  };
  const pull = { notes: async () => new Map() } as unknown as Store['pull'];
  const erasure = {} as Store['erasure'];
  const supervision = async () => [];
  const store = { search, pull, erasure, supervision };
  const hosts = new Hosts({ sessions: new Map() });
  const contents = new Contents(store, LOG, () => SIZE);
  const where = { log: LOG, origin: ORIGIN, publicUrl: 'http://v' };
  return { asked, pages: new Pages({ ...where, store, hosts, contents }) };
}

const request = (more: Partial<PageRequest>): PageRequest => ({
  filter: { log: LOG, size: SIZE },
  start: 0,
  limit: 5_000,
  bytesMax: 8_388_608,
  format: 'ndjson',
  parts: false,
  notes: false,
  ...more,
});

describe('a page', () => {
  it('asks for few rows first, then for no more than may fit, and looks at all', async () => {
    const { asked, pages } = pagesOf(1);
    const page = await pages.read(request({}));
    assert.deepEqual(
      [page.pieces.length, page.next, page.first, page.last],
      [SIZE, SIZE, 0, 2_999],
    );
    const [first, ...later] = asked.map(({ limit }) => limit);
    assert.equal(first, PULL_ROWS_FIRST);
    assert.ok(later.every((limit) => limit <= 4 * PULL_ROWS_FIRST));
  });

  it('of long records ends early, and reads few that do not fit', async () => {
    const { asked, pages } = pagesOf(1, 'x'.repeat(60_000));
    const page = await pages.read(request({ bytesMax: 600_000 }));
    assert.ok(page.pieces.length >= 8 && page.pieces.length < 10);
    assert.equal(page.next, page.pieces.length);
    assert.equal(asked.length, 1);
    const one = await pagesOf(1, 'x'.repeat(60_000)).pages.read(request({ bytesMax: 1_024 }));
    assert.deepEqual([one.pieces.length, one.next], [1, 1]);
  });

  it('ends at its limit behind its last record, elsewhere behind what was looked at', async () => {
    const cut = await pagesOf(7).pages.read(request({ limit: 10, start: 50 }));
    assert.deepEqual([cut.first, cut.last, cut.next], [56, 119, 120]);
    const none = await pagesOf(5_000).pages.read(request({ start: 1 }));
    assert.deepEqual([none.pieces.length, none.first, none.next], [0, null, SIZE]);
  });

  it('goes on where the engine had to stop, and loses nothing there', async () => {
    const { asked, pages } = pagesOf(10, 'x', [99, 1_204]);
    const page = await pages.read(request({}));
    assert.equal(page.pieces.length, SIZE / 10);
    assert.deepEqual(
      asked.map(({ after }) => after),
      [-1, 99, 1_204],
    );
  });

  it('ends when its time is over, behind what was looked at', async (t) => {
    for (const [ms, reads] of [
      [PULL_READ_MS_MAX, 1],
      [PULL_READ_MS_MAX - 1, 2],
    ] as const) {
      const { asked, pages } = pagesOf(10, 'x', [99, 199, 299]);
      const now = t.mock.method(performance, 'now', () => ms * asked.length);
      const page = await pages.read(request({}));
      now.mock.restore();
      assert.deepEqual([asked.length, page.next], [reads, 100 * reads]);
    }
  });

  it('at the end of the log asks nobody', async () => {
    const { asked, pages } = pagesOf(1);
    const page = await pages.read(request({ start: SIZE }));
    assert.deepEqual([page.pieces.length, page.next, asked.length], [0, SIZE, 0]);
  });
});
