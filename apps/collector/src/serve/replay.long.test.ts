/** A page in OTLP, sent unchanged to another collector: the same records in its log. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { encodeLogsRequest, type JsonObject } from '@vitrine/schema';
import { CollectorRig } from '../fixture/collector.ts';
import { postTo, RELAY_MAC_KEY, type RelayRig, relayRig } from '../fixture/relay.ts';

const VECTORS = new URL('../../../../test/vectors/claude-code/', import.meta.url);
const TYPES = { 'otlp-json': 'application/json', 'otlp-proto': 'application/x-protobuf' };
const dir = mkdtempSync(join(tmpdir(), 'vitrine-replay-'));
const source = new CollectorRig(1_800_000_000_000_000_000n);
let relay: RelayRig;
let sealed = 0;

interface Item {
  log: string;
  index: number;
  session: string;
  shim: string;
  kind: string;
  t: string;
  record: JsonObject;
}

async function otlp(rig: CollectorRig, path: string, type: string, body: string | Buffer) {
  const headers = { authorization: `Bearer ${rig.token}`, 'content-type': type };
  const answer = await fetch(rig.collector.otlp + path, { method: 'POST', headers, body });
  assert.equal(answer.status, 200, await answer.text());
}

before(async () => {
  await source.start();
  for (const encoding of ['json', 'protobuf'] as const) {
    const text = readFileSync(new URL(`otlp-${encoding}.jsonl`, VECTORS), 'utf8').trimEnd();
    for (const line of text.split('\n')) {
      const { url, body } = JSON.parse(line) as { url: string; body: unknown };
      const isJson = encoding === 'json';
      const bytes = isJson ? JSON.stringify(body) : Buffer.from(String(body), 'base64');
      await otlp(source, url, isJson ? TYPES['otlp-json'] : TYPES['otlp-proto'], bytes);
    }
  }
  const attributes = {
    ...{ 'session.id': 'shim-1', 'file.path': '/etc/päth', 'file.errno': null, 'a.b': [1, 'x'] },
    ...{ 'vitrine.part.body': Buffer.from([0, 255]), 'vitrine.shim.seq': 4, big: 2n ** 62n },
  };
  const shim = { 'vitrine.shim.name': 'strace' };
  const events = [{ eventName: 'file.read', timeUnixNano: '1764000000000000001', attributes }];
  await otlp(source, '/v1/logs', TYPES['otlp-proto'], encodeLogsRequest(events, shim));
  relay = await relayRig(dir, { session: 'relayed' });
  const host = { name: 'laptop', process: { pid: 4711 } };
  const registered = await source.send('/v1/sandboxes', {
    session: 'relayed',
    description: { runtime: 'gvisor', host },
    relay: { socket: join(dir, 'opp'), standing: 'guest', mac_key: RELAY_MAC_KEY },
  });
  assert.equal(registered.status, 201, await registered.text());
  await postTo(dir, 'Bash', 3);
  sealed = await source.until(async () => {
    const items = await itemsOf(source);
    const relayed = items.filter(
      ({ session, kind }) => session === 'relayed' && kind === 'tool.call',
    );
    return relayed.length === 3 ? items.length : undefined;
  });
});
after(async () => {
  await relay.kill();
  await source.remove();
  rmSync(dir, { recursive: true });
});

async function itemsOf(rig: CollectorRig): Promise<Item[]> {
  const { bytes } = await rig.get('/v1/pull/events?limit=5000');
  const text = bytes.toString().trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Item);
}

type Attribute = { key: string; value: { stringValue?: string; bytesValue?: string } };
type Log = { attributes: Attribute[] };
type Request = { resourceLogs: { scopeLogs: { logRecords: Log[] }[] }[] };

/** Contents of all records by leaf and name, in base64. */
async function contentsIn(rig: CollectorRig): Promise<Map<string, string>> {
  const path = '/v1/pull/events?limit=5000&format=otlp-json&parts=include';
  const { bytes } = await rig.get(path);
  const { resourceLogs } = JSON.parse(bytes.toString()) as Request;
  const contents = new Map<string, string>();
  for (const { attributes } of resourceLogs[0]!.scopeLogs[0]!.logRecords) {
    const index = attributes.find(({ key }) => key === 'vitrine.integrity.leaf_index')!;
    const leaf = (index.value as { intValue: string }).intValue;
    for (const { key, value } of attributes) {
      if (!key.startsWith('vitrine.part.')) continue;
      const { stringValue, bytesValue } = value;
      const data = bytesValue ?? Buffer.from(stringValue!).toString('base64');
      contents.set(`${leaf} ${key.slice('vitrine.part.'.length)}`, data);
    }
  }
  return contents;
}

/** What sources said, by session: all but a record's place in its log and its chain. */
async function saidIn(rig: CollectorRig): Promise<Map<string, object[]>> {
  const said = new Map<string, object[]>();
  const contents = await contentsIn(rig);
  for (const { index, session, shim, record } of await itemsOf(rig)) {
    const { parts = {}, prev, seq, shim: _shim, ...rest } = record;
    const mine: Record<string, string> = {};
    for (const name of Object.keys(parts as object)) {
      const data = contents.get(`${index} ${name}`);
      assert.ok(data !== undefined, `${name} of ${index} is not told`);
      mine[name] = data;
    }
    // What the sequencer of either log has written about the session is its own.
    if (shim === 'sup') continue;
    said.set(session, [...(said.get(session) ?? []), { ...rest, contents: mine }]);
  }
  return said;
}

describe('pages in OTLP', () => {
  for (const format of ['otlp-json', 'otlp-proto'] as const) {
    it(`as ${format} give another collector the same records`, async () => {
      const target = new CollectorRig(1_900_000_000_000_000_000n);
      await target.start();
      try {
        let cursor = '';
        for (let more = true; more; ) {
          const path = `/v1/pull/events?limit=40&format=${format}${cursor}`;
          const { answer, bytes } = await source.get(path);
          assert.equal(answer.status, 200);
          if (format === 'otlp-json') JSON.parse(bytes.toString());
          await otlp(target, '/v1/logs', TYPES[format], bytes);
          cursor = `&cursor=${answer.headers.get('x-next-cursor')}`;
          more = answer.headers.get('x-has-more') === 'true';
        }
        const expected = await saidIn(source);
        const total = (said: Map<string, object[]>) => [...said.values()].flat().length;
        const said = await target.until(async () => {
          const found = await saidIn(target);
          return total(found) >= total(expected) ? found : undefined;
        });
        assert.equal(total(said), total(expected));
        assert.deepEqual([...said.keys()].sort(), [...expected.keys()].sort());
        for (const [session, records] of expected) {
          assert.deepEqual(said.get(session), records, session);
        }
        assert.ok(expected.has('shim-1') && expected.has('relayed') && total(expected) > 30);
        assert.ok(sealed > total(expected));
      } finally {
        await target.remove();
      }
    });
  }

  it('have no contents for whoever may not read them, or asks for none', async () => {
    const made = await source.post('/v1/tokens', { role: 'reader' });
    const { token } = JSON.parse(made) as { token: string };
    const path = '/v1/pull/events?format=otlp-json&limit=5000';
    const has = async (query: string, as?: string): Promise<boolean> => {
      const { bytes } = await source.get(path + query, as);
      return bytes.includes('vitrine.part.');
    };
    assert.deepEqual(
      [await has(''), await has('&parts=none'), await has('', token)],
      [true, false, false],
    );
    const asked = await source.refused(`${path}&parts=include`, token);
    assert.deepEqual(asked, [403, 'FORBIDDEN']);
  });

  it('have nothing of what was redacted', async () => {
    const page = async (): Promise<string> => {
      return (await source.get('/v1/pull/events?format=otlp-json&session=shim-1')).bytes.toString();
    };
    assert.match(await page(), /vitrine\.part\.body/);
    const body = { session: 'shim-1', part: 'body', reason: 'a test' };
    assert.equal((await source.send('/v1/redactions', body)).status, 201);
    assert.doesNotMatch(await page(), /vitrine\.part\.body/);
    assert.match(await page(), /file\.path/);
  });
});

describe('a cursor that waits longer than contents are kept', () => {
  it('is told what is lost and where it goes on', async () => {
    const rig = new CollectorRig(1_800_000_000_000_000_000n);
    await rig.start('retention: {parts: 1}\n');
    try {
      await rig.push('old', 3);
      await rig.sealed('old', 2);
      const path = '/v1/pull/events?format=otlp-json&limit=1';
      const first = await rig.get(`${path}&parts=include`);
      assert.equal(first.answer.status, 200);
      const cursor = first.answer.headers.get('x-next-cursor')!;
      await rig.stop();
      rig.clockNs += 2n * 86_400_000_000_000n;
      await rig.start('retention: {parts: 1}\n');
      const gone = await rig.until(async () => {
        const { answer, bytes } = await rig.get(`${path}&parts=include&cursor=${cursor}`);
        return answer.status === 200 ? undefined : { answer, body: JSON.parse(bytes.toString()) };
      });
      const { code, oldest_cursor: oldest, lost_from, lost_to } = gone.body as JsonObject;
      assert.deepEqual([gone.answer.status, code], [410, 'CURSOR_EXPIRED']);
      assert.ok(Number(lost_from) > 0 && Number(lost_to) >= Number(lost_from));
      const on = await rig.get(`${path}&parts=include&cursor=${oldest}`);
      assert.equal(on.answer.status, 200);
      // Records are kept for ever: whoever wants no contents loses nothing.
      const records = await rig.get(`${path}&parts=none&cursor=${cursor}`);
      assert.equal(records.answer.status, 200);
      assert.match(records.bytes.toString(), /"old"/);
    } finally {
      await rig.remove();
    }
  });
});
