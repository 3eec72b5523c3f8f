/** The consumer API at a running collector. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  PULL_BYTES_MAX,
  PULL_BYTES_MIN,
  PULL_RECORDS_DEFAULT,
  PULL_RECORDS_MAX,
  PULL_WAIT_SECONDS_MAX,
} from '@vitrine/schema';
import { CollectorRig } from '../fixture/collector.ts';
import { Cursors } from './cursors.ts';
import { pullFilter } from './streams.ts';

const START_NS = 1_800_000_000_000_000_000n;
const rig = new CollectorRig(START_NS);
const RECORDS = 700;

interface Pulled {
  index: number;
  session: string;
  kind: string;
  record: { action?: string; pull?: Record<string, unknown>; [name: string]: unknown };
  integrity: { leaf_index: number; leaf_hash: string; log_id: string };
}

async function pull(path: string, token?: string) {
  const { answer, bytes } = await rig.get(`/v1/pull/${path}`, token);
  const text = bytes.toString();
  assert.equal(answer.status, 200, text);
  const told = (name: string): string => answer.headers.get(name) ?? '';
  const lines = text === '' ? [] : text.trimEnd().split('\n');
  return { told, text, bytes, cursor: told('x-next-cursor'), lines };
}

const itemsOf = (lines: string[]) => lines.map((line) => JSON.parse(line) as Pulled);

async function tokenOf(body: object): Promise<string> {
  return (JSON.parse(await rig.post('/v1/tokens', body)) as { token: string }).token;
}

before(async () => {
  await rig.start();
  await rig.push('s1', RECORDS);
  await rig.push('s2', 3);
  await rig.sealed('s1', RECORDS - 1);
  await rig.sealed('s2', 2);
});
after(() => rig.remove());

describe('a stream', () => {
  it('is read once each, in order of leaf index, whatever the page', async () => {
    const whole = itemsOf((await pull('events?limit=5000')).lines);
    const mine = whole.filter(({ kind }) => kind === 'tool.call');
    assert.equal(mine.length, RECORDS + 3);
    const shapes: [string, number, number][] = [
      ['limit=97', 97, PULL_BYTES_MAX],
      ['max_bytes=40000', PULL_RECORDS_MAX, 40_000],
      ['limit=1&max_bytes=1024&session=s2', 1, 1_024],
    ];
    for (const [shape, recordsMax, bytesMax] of shapes) {
      const of = shape.includes('s2') ? whole.filter(({ session }) => session === 's2') : whole;
      const read: number[] = [];
      let cursor = '';
      for (let more = true; more; ) {
        const page = await pull(`events?${shape}${cursor}`);
        const items = itemsOf(page.lines);
        read.push(...items.map(({ index }) => index));
        assert.ok(items.length <= recordsMax);
        // One record alone may be larger.
        assert.ok(page.bytes.length <= bytesMax || items.length === 1);
        cursor = `&cursor=${page.cursor}`;
        more = page.told('x-has-more') === 'true';
      }
      const expected = of.map(({ index }) => index);
      assert.deepEqual(read.slice(0, expected.length), expected, shape);
      assert.deepEqual(
        read,
        [...read].sort((a, b) => a - b),
      );
    }
    assert.equal(itemsOf((await pull('events')).lines).length, PULL_RECORDS_DEFAULT);
  });

  it('says of each record where it stands, and of a page how to go on', async () => {
    const { lines, told, cursor } = await pull('events?limit=2&kind=tool.call&page=inline');
    const last = JSON.parse(lines.pop()!) as { _page: Record<string, unknown> };
    const [item] = itemsOf(lines);
    const { origin, log } = rig.collector.identity;
    const { answer, bytes } = await rig.get(`/v1/events/${log}/${item!.index}`);
    assert.equal(answer.status, 200);
    const { leaf } = JSON.parse(bytes.toString()) as { leaf: string };
    const [, logId] = origin.split('/');
    const place = { leaf_index: item!.index, leaf_hash: leaf, log_id: logId, origin };
    assert.deepEqual(item!.integrity, place);
    assert.equal(last._page.next_cursor, cursor);
    assert.deepEqual([last._page.has_more, told('x-has-more')], [true, 'true']);
    assert.equal(String(last._page.tree_size), told('x-tree-size'));
    assert.ok(String(last._page.checkpoint).startsWith(`${origin}\n${told('x-tree-size')}\n`));
    assert.ok(Number(told('x-lag-seconds')) > 0);
    const [, next] = /^<([^>]+)>; rel="next"$/.exec(told('link'))!;
    const second = await rig.get(next!);
    assert.equal(second.answer.status, 200);
    const [after] = itemsOf(second.bytes.toString().trimEnd().split('\n'));
    assert.ok(after!.index > itemsOf(lines).at(-1)!.index);
  });

  it('begins at a time, at the end, or at the beginning', async () => {
    const since = new Date(Number(rig.clockNs / 1_000_000n) + 60_000).toISOString();
    assert.deepEqual((await pull(`events?since=${since}`)).lines, []);
    const early = encodeURIComponent('2026-01-01T00:00:00.5+02:00');
    const [first] = itemsOf((await pull(`events?since=${early}&limit=1`)).lines);
    assert.deepEqual(itemsOf((await pull('events?from=earliest&limit=1')).lines), [first]);
    const { lines, told } = await pull('events?from=latest');
    assert.deepEqual([lines, told('x-has-more'), told('x-lag-seconds')], [[], 'false', '0.000']);
  });

  it('has checkpoints with their notes', async () => {
    const { lines } = await pull('checkpoints?limit=3');
    const sizes = lines.map((line) => JSON.parse(line) as { size: number; checkpoint: string });
    assert.equal(sizes.length, 3);
    for (const { size, checkpoint } of sizes) assert.equal(checkpoint.split('\n')[1], String(size));
  });

  it('is written as other tools read it', async () => {
    const cef = await pull('events?format=cef&limit=2');
    assert.ok(cef.lines.every((line) => line.startsWith('CEF:0|Vitrine|')));
    const leef = await pull('events?format=leef&limit=1');
    assert.match(leef.text, /^LEEF:/);
    const ocsf = JSON.parse((await pull('events?format=ocsf&limit=1')).text) as object;
    const ecs = JSON.parse((await pull('events?format=ecs&limit=1')).text) as object;
    assert.ok('class_uid' in ocsf && '@timestamp' in ecs);
    const types = ['ndjson', 'ocsf', 'cef', 'otlp-json', 'otlp-proto'].map(async (format) => {
      return (await pull(`events?limit=1&format=${format}`)).told('content-type');
    });
    assert.deepEqual(await Promise.all(types), [
      'application/x-ndjson',
      'application/x-ndjson',
      'text/plain; charset=utf-8',
      'application/json',
      'application/x-protobuf',
    ]);
  });

  it('is refused where it is asked for wrongly, with both sides of each bound', async () => {
    const bounds: [string, number, number][] = [
      ['limit', 1, PULL_RECORDS_MAX],
      ['max_bytes', PULL_BYTES_MIN, PULL_BYTES_MAX],
      ['wait', 0, PULL_WAIT_SECONDS_MAX],
    ];
    for (const [name, min, max] of bounds) {
      for (const value of [min, max]) await pull(`events?${name}=${value}&from=earliest`);
      for (const value of [min - 1, max + 1]) {
        const refused = await rig.refused(`/v1/pull/events?${name}=${value}`);
        assert.deepEqual(refused, [400, 'BAD_REQUEST'], `${name}=${value}`);
      }
    }
    const wrong = [
      'format=xml',
      'since=yesterday',
      'since=2026-13-01T00:00:00Z',
      'from=now',
      'from=latest&since=2026-01-01T00:00:00Z',
      'page=whole',
      'page=inline&format=cef',
      'parts=include',
      'parts=all&format=otlp-json',
    ];
    for (const query of wrong) {
      const refused = await rig.refused(`/v1/pull/events?${query}`);
      assert.deepEqual(refused, [400, 'BAD_REQUEST'], query);
    }
    assert.deepEqual(await rig.refused('/v1/pull/receipts'), [404, 'NOT_FOUND']);
  });

  it('goes on by its own cursor alone', async () => {
    const { cursor } = await pull('events?limit=1&kind=tool.call');
    const other = `/v1/pull/events?cursor=${cursor}`;
    assert.deepEqual(await rig.refused(other), [400, 'CURSOR_FILTER_MISMATCH']);
    const stream = `/v1/pull/alerts?cursor=${cursor}`;
    assert.deepEqual(await rig.refused(stream), [400, 'CURSOR_STREAM_MISMATCH']);
    const altered = `/v1/pull/events?kind=tool.call&cursor=${cursor.slice(0, -2)}AA`;
    assert.deepEqual(await rig.refused(altered), [400, 'CURSOR_ALTERED']);
    await pull(`events?kind=tool.call&format=cef&cursor=${cursor}`);
  });

  it('that was put back to an earlier state tells who has read further', async () => {
    const { dir, origin } = rig.collector.identity;
    const cursors = new Cursors(join(dir, '../../keys'), origin.split('/')[1]!);
    const filter = pullFilter('events', () => undefined);
    const beyond = `/v1/pull/events?cursor=${cursors.write(filter, 1_000_000)}`;
    assert.deepEqual(await rig.refused(beyond), [409, 'CURSOR_AHEAD']);
    const { told } = await pull('events?from=latest');
    const size = Number(told('x-tree-size'));
    await pull(`events?cursor=${cursors.write(filter, size)}`);
  });
});

describe('a long poll', () => {
  it('is answered by what comes, and without it by a newer cursor', async () => {
    const { cursor } = await pull('events?from=latest');
    const asked = pull(`events?wait=30&cursor=${cursor}`);
    await rig.push('s3', 1);
    const items = itemsOf((await asked).lines);
    assert.ok(items.length > 0 && items.every(({ session }) => session === 's3'));
    const empty = await pull(`alerts?from=latest&wait=1`);
    assert.deepEqual([empty.lines, empty.told('x-has-more')], [[], 'false']);
    assert.deepEqual((await pull(`alerts?cursor=${empty.cursor}`)).lines, []);
  });

  it('of a token that is revoked meanwhile reads nothing of what comes', async () => {
    const token = await tokenOf({ role: 'reader' });
    const { cursor } = await pull('events?from=latest', token);
    const asked = rig.get(`/v1/pull/events?wait=30&cursor=${cursor}`, token);
    const id = token.split('_')[1];
    const headers = { authorization: `Bearer ${rig.token}` };
    await fetch(`${rig.collector.api}/v1/tokens/${id}`, { method: 'DELETE', headers });
    await rig.push('s4', 1);
    const { answer, bytes } = await asked;
    assert.equal(answer.status, 401, bytes.toString());
    assert.doesNotMatch(bytes.toString(), /s4/);
  });
});

describe('who may', () => {
  it('is said by the role, and narrowed by the streams of a token', async () => {
    const reader = await tokenOf({ role: 'reader' });
    const auditor = await tokenOf({ role: 'auditor' });
    const siem = await tokenOf({ role: 'reader', pull: ['alerts'] });
    const ingest = await tokenOf({ role: 'ingest' });
    const allowed: [string, string[]][] = [
      [reader, ['events', 'alerts', 'checkpoints']],
      [auditor, ['events', 'alerts', 'checkpoints', 'access']],
      [siem, ['alerts']],
      [ingest, []],
    ];
    for (const [token, streams] of allowed) {
      for (const stream of ['events', 'alerts', 'checkpoints', 'access']) {
        const { answer } = await rig.get(`/v1/pull/${stream}?limit=1`, token);
        assert.equal(answer.status, streams.includes(stream) ? 200 : 403, stream);
      }
    }
    for (const path of ['/v1/sessions', '/v1/events', '/v1/alerts', '/v1/tail']) {
      assert.deepEqual(await rig.refused(path, siem), [403, 'FORBIDDEN'], path);
    }
    const answer = await rig.send('/v1/tokens', { role: 'reader', pull: ['everything'] });
    assert.equal(answer.status, 400);
  });

  it('look, stands in the log before the answer, and once for a poller', async () => {
    const token = await tokenOf({ role: 'auditor' });
    const id = token.split('_')[1];
    for (let i = 0; i < 20; i++) await pull('alerts?limit=1&severity_gte=high', token);
    const ofThem = async () => {
      const items = itemsOf((await pull('access?limit=5000&kind=access')).lines);
      return items.filter(({ record }) => (record.by as { token: string }).token === id);
    };
    const records = await rig.until(async () => {
      const found = await ofThem();
      return found.length > 0 ? found : undefined;
    });
    assert.equal(records.length, 1);
    const { action, pull: how } = records[0]!.record;
    assert.deepEqual([action, how?.state, how?.format], ['pull.alerts', 'began', 'ndjson']);
    assert.deepEqual(how?.filter, { severity_gte: 'high' });
  });
});
