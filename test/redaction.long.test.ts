/**
 * Redaction as an admin does it, by the command line against a real collector: the bytes are in no
 * file when it says so, and what is left still proves everything.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeLogsRequest, REDACT_REASON_CHARS_MAX } from '@vitrine/schema';
import { main } from '../apps/cli/src/main.ts';
import { type MemoryIo, memoryIo } from '../apps/cli/src/print/memory-io.ts';
import { type Collector, startCollector } from '../apps/collector/src/main.ts';
import { filesWith } from '../packages/store/src/fixture/files.ts';

const WAIT_MS_MAX = 30_000;
const KEEP_SECONDS = 3;
const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-redaction-'));
let collector: Collector;
let token = '';

interface EventAnswer {
  log: string;
  index: number;
  parts: { name: string }[];
  gone: { name: string; by: string; index?: number; reason?: string }[];
}

async function start(retention = ''): Promise<void> {
  const ports = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n';
  const settings = `${ports}journal: {keep_seconds: ${KEEP_SECONDS}}\n${retention}`;
  writeFileSync(join(dataDir, 'vitrine.yaml'), settings);
  const onFatal = (error: unknown): void => assert.fail(String(error));
  collector = await startCollector({ dataDir, log: () => {}, onFatal });
  token = readFileSync(collector.adminTokenFile, 'utf8').trim();
}

before(() => start());
after(async () => {
  await collector.stop();
  rmSync(dataDir, { recursive: true });
});

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(collector.api + path, { headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** Pushes one record with two parts of bytes that nothing can shorten. */
async function push(session: string): Promise<{ prompt: Buffer; answer: Buffer }> {
  const parts = { prompt: randomBytes(2_000), answer: randomBytes(2_000) };
  const attributes = {
    'session.id': session,
    'vitrine.part.prompt': new Uint8Array(parts.prompt),
    'vitrine.part.answer': new Uint8Array(parts.answer),
  };
  const record = { eventName: 'tool.call', timeUnixNano: String(Date.now()), attributes };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-protobuf' };
  const body = encodeLogsRequest([record]);
  const answer = await fetch(`${collector.otlp}/v1/logs`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200);
  return parts;
}

/** The newest record of a session, once there are `count`. */
async function newest(session: string, count = 1): Promise<EventAnswer> {
  const until = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const { body } = await get(`/v1/sessions/${session}/events?kind=tool.call&order=desc`);
    const items = (body.items ?? []) as { log: string; index: number }[];
    if (items.length >= count) {
      const { log, index } = items[0]!;
      return (await get(`/v1/events/${log}/${index}`)).body as unknown as EventAnswer;
    }
    assert.ok(performance.now() < until, `no ${count} records of ${session}`);
    await sleep(50);
  }
}

async function vitrine(...args: string[]): Promise<MemoryIo & { code: number }> {
  const io = memoryIo();
  const code = await main([...args, '--data', dataDir], io);
  return { ...io, code };
}

/** Pieces of the content, so that no cut of a block can hide all of them. */
function piecesOf(data: Buffer): Buffer[] {
  return [100, 700, 1_300].map((at) => data.subarray(at, at + 32));
}

function where(data: Buffer): string[] {
  const files = filesWith(dataDir, piecesOf(data)).map((path) => path.slice(dataDir.length + 1));
  return [...new Set(files.map((path) => path.split('/')[0]!))].sort();
}

async function verify(session: string): Promise<Record<string, unknown>> {
  const bundle = join(dataDir, `${session}.vitrine.json`);
  const exported = await vitrine('export', '--session', session, '-o', bundle);
  assert.equal(exported.code, 0, exported.errors.join());
  const { lines } = await vitrine('verify', bundle, '--require-parts', '--json');
  rmSync(bundle);
  return JSON.parse(lines.join('\n')) as Record<string, unknown>;
}

describe('vitrine redact', () => {
  it('leaves the content in no file of the store and in no blob, and says until when', async () => {
    const { prompt, answer } = await push('s1');
    const { log, index, parts } = await newest('s1');
    assert.deepEqual(
      parts.map(({ name }) => name),
      ['answer', 'otlp', 'prompt'],
    );
    assert.deepEqual(where(prompt), ['journal', 'log', 'store'], 'it was everywhere');
    const event = `${log}/${index}`;
    const args = ['--event', event, '--part', 'prompt', '--reason', 'case 17'];
    const { code, lines, errors } = await vitrine('redact', ...args, '--json');
    assert.equal(code, 0, errors.join());
    const said = JSON.parse(lines.join('\n'));
    assert.equal(said.state, 'deleted');
    assert.deepEqual(where(prompt), ['journal']);
    assert.ok(where(answer).includes('store'));
    const untilMs = Number(BigInt(said.until) / 1_000_000n);
    assert.ok(untilMs > Date.now() && untilMs < Date.now() + 3 * KEEP_SECONDS * 1_000);
    await sleep(untilMs - Date.now() + 200);
    assert.deepEqual(where(prompt), [], 'nor in the journal, once that time is over');
  });

  it('leaves a bundle that proves everything, and names the record', async () => {
    const verdict = await verify('s1');
    assert.equal(verdict.code, 0, JSON.stringify(verdict.failure));
    const { index, gone } = await newest('s1');
    const [part] = gone;
    assert.partialDeepStrictEqual(part, { name: 'prompt', by: 'redact', reason: 'case 17' });
    assert.deepEqual(verdict.redacted, [
      { chain: 's1/in', seq: 0, part: 'prompt', by: 'redact', index: part!.index },
    ]);
    const refused = await get(`/v1/events/default.0.1/${index}/parts/prompt`);
    assert.equal(refused.status, 410);
    assert.equal(refused.body.code, 'PART_REDACTED');
    assert.match(
      String(refused.body.message),
      new RegExp(`default\\.0\\.1/${part!.index} .*case 17`),
    );
    const fsck = await vitrine('fsck');
    assert.equal(fsck.code, 0, fsck.lines.join('\n'));
    assert.ok(fsck.lines.includes('1 parts are gone (redacted or expired)'));
  });

  it('redacts parts of a whole session; what is gone already is not announced again', async () => {
    for (let i = 0; i < 3; i++) await push('s2');
    await newest('s2', 3);
    const args = ['redact', '--session', 's2', '--part', '*', '--reason', 'all of it'];
    const first = await vitrine(...args);
    assert.equal(first.code, 0, first.errors.join());
    assert.ok(first.lines.includes('9 parts are deleted from the store, with the salt'));
    const again = await vitrine(...args);
    assert.equal(again.code, 1);
    assert.match(again.errors[0]!, /^error PART_REDACTED: /);
    const verdict = await verify('s2');
    assert.equal(verdict.code, 0, JSON.stringify(verdict.failure));
    assert.equal((verdict.redacted as object[]).length, 9);
  });
});

describe('a redaction that is refused', () => {
  const cases: [string, object, number][] = [
    ['without a reason', { part: 'prompt', reason: ' ' }, 400],
    [
      'with too long a reason',
      { part: 'prompt', reason: 'x'.repeat(REDACT_REASON_CHARS_MAX + 1) },
      400,
    ],
    ['of a part that the record has not', { part: 'body', reason: 'r' }, 404],
    ['with a member that is unknown', { part: 'prompt', reason: 'r', seq: 1 }, 400],
    ['of two things', { part: 'prompt', reason: 'r', session: 's3' }, 400],
  ];
  for (const [what, body, status] of cases) {
    it(`${what} writes nothing`, async () => {
      await push('s3');
      const { log, index } = await newest('s3');
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const sent = JSON.stringify({ log, index, ...body });
      const options = { method: 'POST', headers, body: sent };
      const answer = await fetch(`${collector.api}/v1/redactions`, options);
      assert.equal(answer.status, status);
      assert.deepEqual((await newest('s3')).gone, []);
    });
  }

  it('to anybody but an admin', async () => {
    for (const role of ['analyst', 'auditor', 'reader', 'ingest', 'runtime']) {
      const { lines } = await vitrine('token', 'create', '--role', role, '--json');
      const { token: other } = JSON.parse(lines.join('\n'));
      const headers = { authorization: `Bearer ${other}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ session: 's3', part: '*', reason: 'r' });
      const options = { method: 'POST', headers, body };
      assert.equal((await fetch(`${collector.api}/v1/redactions`, options)).status, 403, role);
    }
  });
});

describe('a redaction of very many parts', () => {
  it('is refused beyond the limit, and done below it', async () => {
    const records = Array.from({ length: 850 }, (_, i) => ({
      eventName: 'tool.call',
      timeUnixNano: String(i),
      attributes: { 'session.id': 'many', 'vitrine.part.a': `a${i}`, 'vitrine.part.b': `b${i}` },
    }));
    const type = 'application/x-protobuf';
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    for (let i = 0; i < 4; i++) {
      const body = encodeLogsRequest(
        records.map((one) => ({ ...one, observedTimeUnixNano: `${i}` })),
      );
      await fetch(`${collector.otlp}/v1/logs`, { method: 'POST', headers, body });
    }
    await newest('many', 100);
    const until = performance.now() + WAIT_MS_MAX;
    const count = async (): Promise<unknown> => (await get('/v1/sessions/many')).body.events;
    while (Number(await count()) < 4 * 850 && performance.now() < until) await sleep(100);
    const args = ['redact', '--session', 'many', '--reason', 'x'.repeat(REDACT_REASON_CHARS_MAX)];
    const all = await vitrine(...args, '--part', '*');
    assert.match(all.errors[0]!, /^error TOO_LARGE: .*10000 such parts/);
    const one = await vitrine(...args, '--part', 'a');
    assert.ok(one.lines.includes('3,400 parts are deleted from the store, with the salt'));
    const verdict = await verify('many');
    assert.equal(verdict.code, 0, JSON.stringify(verdict.failure));
    assert.equal((verdict.redacted as object[]).length, 3_400);
  });
});

describe('retention', () => {
  it('lets parts expire with one record, and a bundle across the bound still proves', async () => {
    const { prompt } = await push('s4');
    await newest('s4');
    // A session goes on while older parts of it expire: half a second old at least.
    await collector.stop();
    await start('retention: {named: {prompt: 0.00003}}\n');
    const until = performance.now() + WAIT_MS_MAX;
    for (;;) {
      const { gone } = await newest('s4');
      if (gone.length > 0 && !where(prompt).includes('store')) break;
      assert.ok(performance.now() < until, 'nothing has expired');
      await sleep(100);
    }
    const { log, index } = await newest('s4');
    const refused = await get(`/v1/events/${log}/${index}/parts/prompt`);
    assert.deepEqual([refused.status, refused.body.code], [410, 'PART_EXPIRED']);
    await collector.stop();
    await start();
    await push('s4');
    const { parts } = await newest('s4', 2);
    assert.equal(parts.length, 3, 'without retention nothing expires');
    const verdict = await verify('s4');
    assert.equal(verdict.code, 0, JSON.stringify(verdict.failure));
    assert.partialDeepStrictEqual(verdict.redacted, [{ chain: 's4/in', seq: 0, by: 'expire' }]);
    const { body } = await get('/v1/events?kind=expire');
    const items = body.items as { record: { target: object; reason: string } }[];
    assert.ok(items.length <= 2, 'one for all leaves of a look');
    const fsck = await vitrine('fsck');
    assert.equal(fsck.code, 0, fsck.lines.join('\n'));
  });
});
