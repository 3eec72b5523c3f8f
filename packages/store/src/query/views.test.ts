import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { API_PAGE_MAX, VIEW_NAMES_MAX, VIEW_TEXT_CHARS_MAX } from '@vitrine/schema';
import type { EgressItem, FileItem } from '@vitrine/schema/api';
import { FsckRig } from '../fixture/fsck.ts';
import { insert } from '../fixture/log.ts';
import { countOf, HOSTILE, member, START_NS, textOf, viewsLog } from '../fixture/views.ts';
import type { RecordRow } from '../row.ts';

const made = viewsLog(1_500);
const { log } = made;
let rig: FsckRig;
let size = 0;

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-views-')));
  await insert(rig.store, made.seal());
  size = made.size;
  made.event('s/b0.host', 'file.read', { file: { path: '/srv/late' } });
  await insert(rig.store, made.seal());
});

after(() => rig.stop());

function rowsOf(session: string, prefix: RegExp): RecordRow[] {
  return made.rows.filter(
    (row) => row.idx < size && row.session === session && prefix.test(row.kind),
  );
}

describe('files', () => {
  /** As files.ts says it, one row after the other. */
  function classOf(row: RecordRow): 'denied' | 'deletes' | 'reads' | 'writes' | 'other' {
    if (textOf(row, 'file.errno') !== '') return 'denied';
    if (row.kind === 'file.delete' || textOf(row, 'file.delete_equivalent') !== '')
      return 'deletes';
    if (row.kind === 'file.read') return 'reads';
    return /\.(write|create|truncate)$/.test(row.kind) ? 'writes' : 'other';
  }

  function expected(rows: RecordRow[]): Partial<FileItem>[] {
    const groups = Map.groupBy(rows, (row) => `${row.vantage} ${textOf(row, 'file.path')}`);
    return [...groups.values()].map((some) => {
      const counts = { reads: 0, writes: 0, deletes: 0, denied: 0, other: 0 };
      for (const row of some) counts[classOf(row)]++;
      const path = textOf(some[0]!, 'file.path');
      const led = some.map((row) => textOf(row, 'file.real_path'));
      const real = [...new Set(led.filter((to) => to !== '' && to !== path))].sort();
      const agents = [...new Set(some.map(({ agent }) => agent).filter((id) => id !== ''))].sort();
      const times = some.map(({ t }) => t).sort();
      return {
        vantage: some[0]!.vantage as FileItem['vantage'],
        path: path.slice(0, VIEW_TEXT_CHARS_MAX),
        chars: path.length,
        ...counts,
        real: { names: real, of: real.length },
        agents: { names: agents, of: agents.length },
        first_t: times[0]!,
        last_t: times.at(-1)!,
        first: Math.min(...some.map(({ idx }) => idx)),
        last: Math.max(...some.map(({ idx }) => idx)),
      };
    });
  }

  const key = ({ vantage, path }: Partial<FileItem>): string => `${vantage} ${path}`;
  const byKey = (a: Partial<FileItem>, b: Partial<FileItem>): number => (key(a) < key(b) ? -1 : 1);

  it('are what a walk over the rows counts, each vantage for itself', async () => {
    const found = await rig.store.views.files({ log, size, session: 's', limit: API_PAGE_MAX });
    const rows = rowsOf('s', /^file\./);
    const wanted = expected(rows).sort(byKey);
    assert.ok(wanted.length >= 10 && wanted.some(({ path }) => path === HOSTILE));
    const shown = found.items.map(({ modes: _, processes: __, ...item }) => item).sort(byKey);
    assert.deepEqual(shown, wanted);
    assert.deepEqual([found.of, found.looked.events], [wanted.length, rows.length]);
    const [first] = found.items;
    assert.ok(first!.processes.names.every((name) => /^b0\.(host|agent)\/\d \/bin\//.test(name)));
    assert.ok(first!.processes.names.length <= VIEW_NAMES_MAX);
  });

  it('keep to what is asked of them, in the order that is asked', async () => {
    const all = { log, size, session: 's', limit: API_PAGE_MAX };
    const led = await rig.store.views.files({ ...all, text: 'ETC/SHADOW' });
    assert.ok(led.items.length > 0 && led.items.every(({ real }) => real.of > 0));
    const hostile = await rig.store.views.files({ ...all, text: HOSTILE });
    assert.deepEqual(new Set(hostile.items.map(({ path }) => path)), new Set([HOSTILE]));
    const denied = await rig.store.views.files({ ...all, op: 'denied', vantages: ['agent'] });
    assert.ok(denied.items.length > 0);
    assert.ok(denied.items.every((item) => item.denied > 0 && item.vantage === 'agent'));
    const sorted = await rig.store.views.files({ ...all, sort: 'reads', order: 'desc' });
    const reads = sorted.items.map((item) => item.reads);
    assert.deepEqual(
      reads,
      reads.toSorted((a, b) => b - a),
    );
    const read = await rig.store.views.files({ ...all, mode: 'ro' });
    assert.ok(read.items.every(({ modes }) => modes.includes('ro')));
  });

  it('say what was cut: rows by the limit, events by the bound', async () => {
    const all = { log, size, session: 's', limit: 3 };
    const { items, of, looked } = await rig.store.views.files(all);
    assert.deepEqual([items.length, of > 3, looked.events === looked.of], [3, true, true]);
    const rows = rowsOf('s', /^file\./);
    for (const max of [rows.length, rows.length - 1]) {
      const cut = await rig.store.views.files({ ...all, limit: API_PAGE_MAX }, max);
      assert.deepEqual(cut.looked, { events: max, of: rows.length });
      const counted = cut.items.reduce((sum, item) => sum + events(item), 0);
      assert.equal(counted, max);
    }
    const late = await rig.store.views.files({ ...all, limit: API_PAGE_MAX, text: '/srv/late' });
    assert.equal(late.of, 0);
  });

  function events({ reads, writes, deletes, denied, other }: FileItem): number {
    return reads + writes + deletes + denied + other;
  }
});

describe('egress', () => {
  const KINDS = /^(egress\.|net\.connect$)/;

  function hostOf(row: RecordRow): string {
    const ip = textOf(row, 'net.dst_ip');
    return textOf(row, 'http.host') || (ip === '' ? '' : `${ip}:${countOf(row, 'net.dst_port')}`);
  }

  /** What adds up to a figure of one row of the answer. */
  function expected(rows: RecordRow[], given: (session: string) => string[] | undefined) {
    const of = (row: RecordRow) =>
      JSON.stringify([row.vantage, hostOf(row), textOf(row, 'http.function')]);
    const sums = [...Map.groupBy(rows, of)].map(([name, some]) => {
      const requests = some.filter(({ kind }) => kind === 'egress.request');
      const opened = some.filter(
        (row) => row.kind === 'egress.tunnel' && textOf(row, 'tunnel.phase') === 'open',
      );
      const sum = (list: RecordRow[], path: string): number =>
        list.reduce((total, row) => total + countOf(row, path), 0);
      const foreign = requests.filter((row) => {
        const fp = textOf(row, 'http.auth_fp').toLowerCase();
        const known = given(row.session);
        return fp !== '' && known !== undefined && !known.includes(fp);
      });
      return [
        name,
        {
          requests: requests.length,
          tunnels: opened.length,
          not_intercepted: opened.filter((row) => member(row, 'tunnel.intercepted') === false)
            .length,
          connects: some.filter(({ kind }) => kind === 'net.connect').length,
          denied: some.filter((row) => member(row, 'http.denied') === true).length,
          bytes_up: sum(requests, 'http.req_bytes') + sum(some, 'net.bytes_out'),
          bytes_down: sum(some, 'http.resp_bytes') + sum(some, 'net.bytes_in'),
          answered: requests.filter((row) => countOf(row, 'http.status') > 0).length,
          foreign_requests: foreign.length,
        },
      ];
    });
    return Object.fromEntries(sums) as Record<string, object>;
  }

  function shown(items: EgressItem[]): Record<string, object> {
    const entries = items.map((item) => {
      const { requests, tunnels, not_intercepted, connects, denied } = item;
      const { bytes_up, bytes_down, foreign_requests } = item;
      const answered = item.statuses.reduce((sum, each) => sum + each.requests, 0);
      const counts = { requests, tunnels, not_intercepted, connects, denied };
      const rest = { bytes_up, bytes_down, answered, foreign_requests };
      return [JSON.stringify([item.vantage, item.host, item.function]), { ...counts, ...rest }];
    });
    return Object.fromEntries(entries) as Record<string, object>;
  }

  const given = (session: string) => (session === 'bare' ? undefined : ['aa01']);

  it('of a session is what a walk over its rows counts', async () => {
    const rows = rowsOf('s', KINDS);
    const found = await rig.store.views.egress({ log, size, session: 's', limit: API_PAGE_MAX });
    assert.deepEqual(shown(found.items), expected(rows, given));
    assert.ok(found.items.some(({ host }) => host === HOSTILE));
    assert.ok(found.items.every(({ session }) => session === 's'));
  });

  it('of all sessions judges each credential by the session it was used in', async () => {
    const rows = ['s', 'other', 'bare'].flatMap((session) => rowsOf(session, KINDS));
    const found = await rig.store.views.egress({ log, size, limit: API_PAGE_MAX });
    assert.deepEqual(shown(found.items), expected(rows, given));
    const top = found.items[0]!;
    assert.deepEqual(top.fingerprints.provisioned, { names: ['aa01'], of: 1 });
    assert.deepEqual(top.fingerprints.foreign, { names: ['bb02', 'cc03'], of: 2 });
    assert.ok(top.fingerprints.unknown.of > 0 && top.sessions === 3 && top.session === null);
  });

  it('joins what is told of one request', async () => {
    const flow = 'one';
    const http = { host: 'joined.example', flow };
    const before = { ...http, function: 'x.y', req_bytes: 10, method: 'POST' };
    made.event('s/b0.boundary', 'egress.request', { http: before });
    const answer = { ...http, req_bytes: 10, resp_bytes: 30, status: 201 };
    made.event('s/b0.boundary', 'egress.response', { http: answer });
    await insert(rig.store, made.seal());
    const asked = { log, size: made.size, session: 's', limit: 10, host: 'JOINED' };
    const { items } = await rig.store.views.egress(asked);
    const figures = items.map((item) => [item.function, item.requests, item.bytes_up]);
    assert.deepEqual(figures, [['x.y', 1, 10]]);
    assert.deepEqual(
      [items[0]!.bytes_down, items[0]!.statuses],
      [30, [{ status: 201, requests: 1 }]],
    );
  });

  it('reads the newest where there is too much, and keeps to a span of time', async () => {
    const all = { log, size, limit: API_PAGE_MAX };
    const rows = ['s', 'other', 'bare'].flatMap((session) => rowsOf(session, KINDS));
    const cut = await rig.store.views.egress(all, 10);
    assert.deepEqual(cut.looked, { events: 10, of: rows.length });
    const newest = rows.map(({ idx }) => idx).sort((a, b) => b - a);
    assert.ok(cut.items.every(({ first }) => first >= newest[9]!));
    const from = String(START_NS + 500_000_000_000n);
    const late = await rig.store.views.egress({ ...all, from });
    const wanted = rows.filter(({ t }) => BigInt(t) >= BigInt(from));
    assert.deepEqual(shown(late.items), expected(wanted, given));
  });
});
