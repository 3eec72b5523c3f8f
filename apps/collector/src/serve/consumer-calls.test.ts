/** Consumers whose place is kept by a running collector. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CollectorRig } from '../fixture/collector.ts';

const rig = new CollectorRig(1_800_000_000_000_000_000n);

before(async () => {
  await rig.start();
  await rig.push('s2', 3);
  await rig.sealed('s2', 2);
});
after(() => rig.remove());

async function tokenOf(body: object): Promise<string> {
  return (JSON.parse(await rig.post('/v1/tokens', body)) as { token: string }).token;
}

describe('a consumer', () => {
  const call = (method: string, path: string, body?: object, token = rig.token) =>
    fetch(rig.collector.api + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('is given the same until it acknowledges, and what follows then', async () => {
    const asked = { stream: 'events', filter: { session: 's2', kind: ['tool.call'] } };
    assert.equal((await call('PUT', '/v1/consumers/soc', asked)).status, 201);
    assert.equal((await call('PUT', '/v1/consumers/soc', asked)).status, 200);
    const other = await call('PUT', '/v1/consumers/soc', { stream: 'alerts' });
    assert.equal(other.status, 409);
    const read = async () => {
      const { answer, bytes } = await rig.get('/v1/consumers/soc/pull?limit=2');
      assert.equal(answer.status, 200, bytes.toString());
      const lines = bytes.toString().trimEnd().split('\n');
      const indices = lines.map((line) => (JSON.parse(line) as { index: number }).index);
      return { cursor: answer.headers.get('x-next-cursor'), indices };
    };
    const first = await read();
    assert.deepEqual((await read()).indices, first.indices);
    const acked = await call('POST', '/v1/consumers/soc/ack', { cursor: first.cursor });
    const told = (await acked.json()) as { cursor: string; last_ack: string; lag: object };
    assert.equal(told.cursor, first.cursor);
    assert.ok(told.last_ack !== null);
    const second = await read();
    assert.ok(second.indices.length === 1 && second.indices[0]! > first.indices[1]!);
    const altered = await call('POST', '/v1/consumers/soc/ack', { cursor: 'x' });
    assert.equal(altered.status, 400);
  });

  it('is a record when it is made, and none when it is refused or there already', async () => {
    const asked = { stream: 'alerts' };
    assert.equal((await call('PUT', '/v1/consumers/No!', asked)).status, 400);
    assert.equal((await call('PUT', '/v1/consumers/recorded', asked)).status, 201);
    assert.equal((await call('PUT', '/v1/consumers/recorded', asked)).status, 200);
    assert.equal((await call('DELETE', '/v1/consumers/recorded')).status, 200);
    const told = await rig.until(async () => {
      const text = (await rig.get('/v1/pull/access')).bytes.toString();
      return text.includes('delete recorded') ? text : undefined;
    });
    assert.equal(told.match(/make recorded/g)!.length, 1);
    assert.doesNotMatch(told, /make No!/);
  });

  it('has one reader at a time', async () => {
    const token = await tokenOf({ role: 'reader', pull: ['alerts'] });
    await call('PUT', '/v1/consumers/one', { stream: 'alerts', from: 'latest' }, token);
    const long = rig.get('/v1/consumers/one/pull?wait=1', token);
    await rig.until(async () => {
      const { is_read } = (await (await call('GET', '/v1/consumers/one')).json()) as {
        is_read: boolean;
      };
      return is_read || undefined;
    });
    const second = await rig.refused('/v1/consumers/one/pull', token);
    assert.deepEqual(second, [409, 'CONSUMER_LEASED']);
    assert.equal((await long).answer.status, 200);
    assert.deepEqual(await rig.refused('/v1/consumers/one/pull'), [409, 'CONSUMER_LEASED']);
    assert.equal((await rig.get('/v1/consumers/one/pull', token)).answer.status, 200);
    assert.deepEqual(await rig.refused('/v1/consumers/soc/pull', token), [403, 'FORBIDDEN']);
    const list = await rig.get('/v1/consumers', token);
    const names = (JSON.parse(list.bytes.toString()) as { items: { name: string }[] }).items;
    assert.deepEqual(
      names.map(({ name }) => name),
      ['one'],
    );
  });

  it('is forgotten when it is deleted', async () => {
    assert.equal((await call('DELETE', '/v1/consumers/one')).status, 200);
    assert.deepEqual(await rig.refused('/v1/consumers/one'), [404, 'NOT_FOUND']);
    assert.deepEqual(await rig.refused('/v1/consumers/one/pull'), [404, 'NOT_FOUND']);
  });
});
