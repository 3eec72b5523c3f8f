/**
 * The SDK as anyone uses it: the sample of its guide against a real collector, and events through a
 * real relay that is killed meanwhile.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { verifyBundle } from '@vitrine/chain';
import { type JsonObject, readPath } from '@vitrine/schema';
import { startVitrine } from '@vitrine/shim/sdk';
import { type Collector, startCollector } from '../apps/collector/src/main.ts';
import { MAC_KEY, tempDir } from '../apps/relay/test/bed.ts';
import { configOf, pullAll, socketsOf, start } from '../apps/relay/test/process.ts';
import { Reader } from '../apps/relay/test/reader.ts';

const SAMPLE = fileURLToPath(new URL('../docs/samples/agent.ts', import.meta.url));
const WAIT_MS_MAX = 20_000;
const run = promisify(execFile);

describe('the sample of the guide, against a collector', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-sdk-'));
  let collector: Collector;
  let token = '';

  before(async () => {
    const ports = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n';
    writeFileSync(join(dataDir, 'vitrine.yaml'), ports);
    const onFatal = (error: unknown): void => assert.fail(String(error));
    collector = await startCollector({ dataDir, log: () => {}, onFatal });
    token = readFileSync(collector.adminTokenFile, 'utf8').trim();
  });
  after(async () => {
    await collector.stop();
    rmSync(dataDir, { recursive: true });
  });

  const get = async (path: string): Promise<Response> =>
    fetch(collector.api + path, { headers: { authorization: `Bearer ${token}` } });

  /** The records of a session once one of this kind is among them. */
  async function recordsOf(session: string, kind: string): Promise<JsonObject[]> {
    const until = performance.now() + WAIT_MS_MAX;
    for (;;) {
      const answer = await get(`/v1/sessions/${session}/events?order=asc`);
      const { items } = answer.ok
        ? ((await answer.json()) as { items: { record: JsonObject }[] })
        : { items: [] };
      const records = items.map(({ record }) => record);
      if (records.some((record) => record.kind === kind)) return records;
      assert.ok(performance.now() < until, `no ${kind}`);
      await sleep(50);
    }
  }

  it('becomes a session with its calls, its parts out of the clear, and proves it', async () => {
    const file = join(dataDir, 'notes.txt');
    writeFileSync(file, 'the canary sings\n');
    const { stdout } = await run(process.execPath, [
      SAMPLE,
      collector.otlpGrpc,
      file,
      token,
      's-sdk',
    ]);
    assert.equal(stdout, 'the canary sings\n');
    const records = await recordsOf('s-sdk', 'telemetry.bye');
    const own = records.filter((record) => readPath(record, 'source.shim') === 'sample-agent');
    assert.deepEqual(
      own.map(({ kind }) => kind),
      ['telemetry.hello', 'prompt.submit', 'tool.call', 'tool.result', 'telemetry.bye'],
    );
    assert.deepEqual(
      own.map((record) => readPath(record, 'source.seq')),
      [0, 1, 2, 3, 4],
    );
    const result = own[3]!;
    assert.deepEqual(result.tool, {
      name: 'Read',
      use_id: 'call-1',
      success: true,
      output_bytes: 17,
    });
    assert.ok(Number(readPath(result, 'span.duration_ns')) > 0);
    assert.deepEqual(Object.keys(result.parts as object), ['tool_output']);
    assert.ok(!JSON.stringify(records).includes('canary'));

    const bundle = Buffer.from(await (await get('/v1/sessions/s-sdk/bundle')).arrayBuffer());
    const trust = readFileSync(join(dataDir, 'trust.txt'), 'utf8');
    assert.equal(verifyBundle(bundle, trust, { now: BigInt(Date.now()) * 1_000_000n }).code, 0);
  });

  it('says what is wrong with its token, and ends with 1', async () => {
    const file = join(dataDir, 'notes.txt');
    writeFileSync(file, 'text\n');
    const failed = run(process.execPath, [SAMPLE, collector.otlpGrpc, file, 'wrong', 's-none']);
    await assert.rejects(failed, { code: 1, stderr: /UNAUTHENTICATED/ });
    assert.equal((await get('/v1/sessions/s-none')).status, 404);
  });
});

describe('through a relay', () => {
  it('what was acknowledged is in the chain once it is back, in order and whole', async (t) => {
    const dir = tempDir(t);
    const { host, opp } = socketsOf(dir);
    let relay = await start(t, configOf(dir));
    const vitrine = await startVitrine({
      endpoint: `unix://${host}`,
      shim: 'sample',
      log: () => {},
    });
    const acked: number[] = [];
    let sent = 0;
    const send = async (): Promise<void> => {
      const number = sent++;
      await vitrine.event('tool.call', { 'tool.count': number }, { boundMs: 60_000 });
      acked.push(number);
    };
    for (let i = 0; i < 20; i++) await send();
    const flying = Array.from({ length: 100 }, send);
    relay.child.kill('SIGKILL');
    await relay.ended;
    relay = await start(t, configOf(dir));
    await Promise.all(flying);
    assert.equal(await vitrine.shutdown(), true);
    const reader = new Reader(MAC_KEY);
    await pullAll(opp, reader);
    const records = reader.of('host').map(({ record }) => record);
    const counts = records
      .filter(({ kind }) => kind === 'tool.call')
      .map((record) => Number(readPath(record, 'tool.count')));
    assert.deepEqual(
      [...new Set(counts)],
      Array.from({ length: 120 }, (_, i) => i),
    );
    assert.equal(acked.length, 120);
    assert.deepEqual(
      records.filter(({ kind }) => kind === 'telemetry.gap'),
      [],
    );
  });
});
