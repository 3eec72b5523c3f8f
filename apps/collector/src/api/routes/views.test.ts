import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { API_PAGE_MAX, VIEW_TEXT_CHARS_MAX } from '@vitrine/schema';
import { CollectorRig } from '../../fixture/collector.ts';

const rig = new CollectorRig(1_800_000_000_000_000_000n);
const PATHS = [
  '/v1/sessions/s1/processes',
  '/v1/sessions/s1/files',
  '/v1/sessions/s1/egress',
  '/v1/stats/egress',
  '/v1/stats/approvals',
];

before(async () => {
  await rig.start();
  await rig.push('s1', 3);
  await rig.sealed('s1', 2);
});
after(() => rig.remove());

describe('the views', () => {
  it('answer, with the size of the tree they were read from', async () => {
    for (const path of PATHS) {
      const { answer, bytes } = await rig.get(path);
      const body = JSON.parse(String(bytes)) as Record<string, unknown>;
      assert.deepEqual([path, answer.status, Number(body.size) > 0], [path, 200, true]);
      assert.ok(
        ['items', 'processes', 'users'].some((name) => Array.isArray(body[name])),
        path,
      );
    }
  });

  it('are for those who may read events', async () => {
    const said = await rig.post('/v1/tokens', { role: 'ingest' });
    const { token } = JSON.parse(said) as { token: string };
    for (const path of PATHS) {
      assert.deepEqual(await rig.refused(path, token), [403, 'FORBIDDEN'], path);
      assert.deepEqual(await rig.refused(path, 'vt_nobody'), [401, 'UNAUTHENTICATED'], path);
    }
  });

  it('say that there is no such session', async () => {
    for (const view of ['processes', 'files', 'egress']) {
      assert.deepEqual(await rig.refused(`/v1/sessions/no/${view}`), [404, 'NOT_FOUND'], view);
    }
  });

  it('refuse what they do not know', async () => {
    const most = 'x'.repeat(VIEW_TEXT_CHARS_MAX);
    assert.equal((await rig.get(`/v1/sessions/s1/files?q=${most}`)).answer.status, 200);
    assert.equal((await rig.get(`/v1/stats/egress?limit=${API_PAGE_MAX}`)).answer.status, 200);
    for (const path of [
      `/v1/sessions/s1/files?q=${most}x`,
      '/v1/sessions/s1/files?op=eat',
      '/v1/sessions/s1/files?mode=wo',
      '/v1/sessions/s1/files?sort=constructor',
      '/v1/sessions/s1/files?order=up',
      '/v1/sessions/s1/egress?vantage=moon',
      `/v1/stats/egress?limit=${API_PAGE_MAX + 1}`,
      `/v1/stats/egress?host=${most}x`,
      '/v1/stats/approvals?since=yesterday',
      '/v1/stats/approvals?since=2&to=1',
    ]) {
      assert.deepEqual(await rig.refused(path), [400, 'BAD_REQUEST'], path);
    }
  });
});
