/**
 * Backups as an operator makes them, by the command line against a real collector: a rebuilt log
 * continues the old one, and what would make it publish less than it once did is refused.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { formatCheckpoint, generateLogKey, signNote } from '@vitrine/chain';
import { encodeLogsRequest } from '@vitrine/schema';
import { main } from '../apps/cli/src/main.ts';
import { memoryIo } from '../apps/cli/src/print/memory-io.ts';
import { type Collector, startCollector } from '../apps/collector/src/main.ts';
import { tamper } from '../packages/store/src/fixture/backup.ts';
import { filesWith } from '../packages/store/src/fixture/files.ts';

const WAIT_MS_MAX = 30_000;
const KEEP_DAYS = 2;
const DAY_NS = 86_400_000_000_000n;
const root = mkdtempSync(join(tmpdir(), 'vitrine-backups-'));
const at = (name: string): string => join(root, name);
const data = at('data');
const backup = at('backup');
let collector: Collector | undefined;
let collectorDir = '';

interface Said {
  code: number;
  out: string;
  err: string;
}

async function vitrine(...args: string[]): Promise<Said> {
  const io = memoryIo();
  const code = await main(args, io);
  return { code, out: io.lines.join('\n'), err: io.errors.join('\n') };
}

async function done(...args: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await vitrine(...args, '--json');
  assert.equal(code, 0, `${args.join(' ')}: ${out}${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}

async function refused(code: string, ...args: string[]): Promise<string> {
  const said = await vitrine(...args);
  assert.equal(said.code, 1, said.out);
  assert.match(said.err, new RegExp(code));
  return said.err;
}

async function start(dir: string): Promise<Collector> {
  const onFatal = (error: unknown): void => assert.fail(String(error));
  collectorDir = dir;
  collector = await startCollector({ dataDir: dir, log: () => {}, onFatal });
  return collector;
}

async function stop(): Promise<void> {
  await collector?.stop();
  collector = undefined;
}

/** Pushes one record with a part of bytes that nothing can shorten; resolves when it is shown. */
async function push(session: string): Promise<{ index: number; prompt: Buffer }> {
  const { otlp, api, adminTokenFile } = collector!;
  const authorization = `Bearer ${readFileSync(adminTokenFile, 'utf8').trim()}`;
  const prompt = randomBytes(1_000);
  const attributes = { 'session.id': session, 'vitrine.part.prompt': new Uint8Array(prompt) };
  const record = { eventName: 'tool.call', timeUnixNano: String(Date.now()), attributes };
  const headers = { authorization, 'content-type': 'application/x-protobuf' };
  const body = encodeLogsRequest([record]);
  assert.equal((await fetch(`${otlp}/v1/logs`, { method: 'POST', headers, body })).status, 200);
  const until = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const path = `${api}/v1/sessions/${session}/events?kind=tool.call`;
    const answer = await fetch(path, { headers: { authorization } });
    const { items = [] } = (await answer.json()) as { items?: { index: number }[] };
    if (items[0] !== undefined) return { index: items[0].index, prompt };
    assert.ok(performance.now() < until, 'nothing was published');
    await sleep(20);
  }
}

/** The record of a leaf. */
async function leaf(index: number): Promise<Record<string, unknown>> {
  const { api, adminTokenFile, identity } = collector!;
  const authorization = `Bearer ${readFileSync(adminTokenFile, 'utf8').trim()}`;
  const path = `${api}/v1/events/${identity.log}/${index}`;
  const answer = await fetch(path, { headers: { authorization } });
  return ((await answer.json()) as { record: Record<string, unknown> }).record;
}

/** Redacts the prompt of a session; resolves with when its last copy is gone. */
async function redact(session: string): Promise<bigint> {
  const args = ['--session', session, '--part', 'prompt', '--reason', 'case 17'];
  const { until } = await done('redact', '--data', collectorDir, ...args);
  return BigInt(String(until));
}

before(async () => {
  mkdirSync(data);
  const ports = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}';
  writeFileSync(join(data, 'vitrine.yaml'), `${ports}\nbackup: {keep_days: ${KEEP_DAYS}}\n`);
  await start(data);
  for (const session of ['s1', 's2', 's3']) await push(session);
});

after(async () => {
  await stop();
  rmSync(root, { recursive: true, force: true });
});

describe('vitrine backup', () => {
  it('copies the log of a running system, and verifies offline under a trust file', async () => {
    cpSync(join(data, 'trust.txt'), at('trust.txt'));
    await done('checkpoint', '--data', data, '--pin', at('early.pin'));
    const written = await done('backup', backup, '--data', data);
    assert.equal(written.added, written.size);
    assert.deepEqual(written.faults, []);
    const report = await done('backup', '--verify', backup, '--trust', at('trust.txt'));
    assert.equal(report.ok, true);
    assert.equal(report.records, written.size);
    assert.equal(report.faultsTotal, 0);
    for (const name of readdirSync(backup, { recursive: true, encoding: 'utf8' })) {
      const { mode } = statSync(join(backup, name));
      assert.equal(mode & 0o077, 0, name);
    }
  });

  it('has keys and tokens only when told to', async () => {
    const seed = readFileSync(join(data, 'keys', 'log-default.0.1.seed'));
    const token = readFileSync(join(data, 'admin.token'));
    assert.deepEqual(filesWith(backup, [seed, token]), []);
    const { out } = await vitrine('backup', at('with-keys'), '--data', data, '--keys');
    assert.match(out, /whoever reads it can sign as this log/);
    assert.equal(filesWith(at('with-keys'), [seed, token]).length, 2);
  });

  it('names the row that was changed', async () => {
    cpSync(at('with-keys'), at('changed'), { recursive: true });
    const changed = (text: string): string =>
      text.replace(/("kind":"open".*"t":")\d/, (_, before: string) => `${before}9`);
    tamper(at('changed'), 'records', changed);
    const { code, out } = await vitrine('backup', '--verify', at('changed'));
    assert.equal(code, 1);
    assert.match(out, /^leaves \d+ to \d+: they do not give the signed root/m);
    assert.match(out, /^leaf \d+: /m);
    assert.match(out, /^damaged: /m);
  });
});

describe('vitrine rebuild', () => {
  const from = ['--from', at('with-keys')];
  let redacted: Buffer;
  let late: { origin: string; size: number; root: string; note: string };

  /** The log goes on after its backup; then its store is lost. */
  before(async () => {
    for (const session of ['s5', 's6', 's7']) await push(session);
    redacted = (await push('s8')).prompt;
    const untilNs = await redact('s8');
    assert.ok(untilNs > BigInt(Date.now()) * 1_000_000n + (BigInt(KEEP_DAYS) - 1n) * DAY_NS);
    await done('checkpoint', '--data', data, '--pin', at('late.pin'));
    await stop();
    late = JSON.parse(readFileSync(at('late.pin'), 'utf8'));
  });

  function none(code: string, ...args: string[]): Promise<string> {
    return refused(code, 'rebuild', '--data', at('none'), ...args);
  }

  it('is refused when less would be published than once was', async () => {
    const err = await none('REBUILD_BEHIND', ...from, '--pin', at('late.pin'));
    assert.match(err, /late\.pin has size \d+/);
    assert.ok(!existsSync(at('none')) && !existsSync(`${at('none')}.rebuilding`));
  });

  it('is refused when a batch is gone between the backup and the newest checkpoint', async () => {
    cpSync(join(data, 'log'), at('holed/log'), { recursive: true });
    const blobs = at('holed/log/default.0.1/blob');
    for (const name of readdirSync(blobs)) rmSync(join(blobs, name));
    await none('REBUILD_BEHIND', ...from, '--old', at('holed'));
  });

  it('is refused when a checkpoint contradicts it, and when one is not of this log', async () => {
    const { origin, size } = JSON.parse(readFileSync(at('early.pin'), 'utf8'));
    const seed = Buffer.from(readFileSync(join(data, 'keys/log-default.0.1.seed'), 'utf8'), 'hex');
    const sign = (name: string): string => {
      const forked = formatCheckpoint({ origin: name, size, root: randomBytes(32) });
      return signNote(forked, generateLogKey(name, seed));
    };
    writeFileSync(at('forked.note'), sign(origin));
    await none('REBUILD_FORKED', ...from, '--note', at('forked.note'));
    writeFileSync(at('foreign.note'), sign('other/00000000/default.0.1'));
    await none('NOTE_UNREADABLE', ...from, '--note', at('foreign.note'));
  });

  it('is refused when one row of the backup was changed, or without the key', async () => {
    const err = await none('BACKUP_DAMAGED', '--from', at('changed'), '--old', data);
    assert.match(err, /leaves \d+ to \d+.*; leaf \d+: /);
    await none('LOG_KEY_MISMATCH', '--from', backup);
    assert.ok(!existsSync(at('none')));
  });

  it('reaches the newest checkpoint from what is left, and nothing redacted is back', async () => {
    writeFileSync(at('late.note'), late.note);
    const args = ['--old', data, '--note', at('late.note'), '--pin', at('early.pin')];
    const rebuilt = await done('rebuild', '--data', at('new'), ...from, ...args);
    assert.ok(Number(rebuilt.size) >= late.size && Number(rebuilt.restored) < late.size);
    const some = [redacted.subarray(0, 32)];
    assert.ok(filesWith(at('new/log'), some).length > 0, 'the batch had it');
    assert.deepEqual(filesWith(at('new/store'), some), []);
    await refused('DATA_NOT_EMPTY', 'rebuild', '--data', at('new'), ...from);
    await refused('DATA_UNWRITABLE', 'rebuild', '--data', at('late.pin/data'), ...from);
  });

  it('continues the old log: what was pinned is in it, and it grows', async () => {
    await start(at('new'));
    const { index } = await push('s9');
    assert.ok(index >= late.size);
    const bundle = at('s5.vitrine.json');
    const pinned = ['--pin', at('late.pin')];
    await done('export', '--data', at('new'), '--session', 's5', '-o', bundle, ...pinned);
    const verdict = await done('verify', bundle, '--trust', at('trust.txt'), ...pinned);
    assert.equal(verdict.code, 0);
    const [report] = (await done('fsck', '--data', at('new'))) as unknown as { ok: boolean }[];
    assert.equal(report!.ok, true);
  });

  it('is backed up where the old log was, without what was redacted since', async () => {
    const { prompt } = await push('s10');
    const holds = (): boolean =>
      readdirSync(join(backup, 'segments')).some((name) =>
        zstdDecompressSync(readFileSync(join(backup, 'segments', name)))
          .toString('latin1')
          .includes(prompt.toString('base64')),
      );
    await done('backup', backup, '--data', at('new'));
    assert.equal(holds(), true);
    await redact('s10');
    const written = await done('backup', backup, '--data', at('new'));
    assert.equal(written.erased, 1);
    assert.equal(holds(), false);
    assert.equal((await done('backup', '--verify', backup)).faultsTotal, 0);
    await stop();
  });

  it('finishes what a crash left decided, from the backup of a stopped system alone', async () => {
    const notes = at('new/log/default.0.1/note');
    const newest = readdirSync(notes).toSorted().at(-1)!;
    rmSync(join(notes, newest));
    const written = await done('backup', at('stopped'), '--data', at('new'), '--keys');
    const { restored, size } = await done(
      ...['rebuild', '--data', at('finished'), '--from', at('stopped')],
    );
    assert.deepEqual([restored, size], [written.size, Number(newest)]);
    assert.ok(Number(restored) < Number(size));
  });

  it('begins a new log that names the old one, when that cannot go on', async () => {
    const args = ['--data', at('anew'), '--new-log', '--pin', at('late.pin')];
    const begun = await done('rebuild', ...from, ...args);
    const { origin, size, root: hash } = late;
    assert.deepEqual(begun.previous, { origin, size, root: hash });
    assert.notEqual(begun.origin, origin);
    await start(at('anew'));
    const first = await leaf(0);
    await stop();
    assert.deepEqual([first.kind, first.previous], ['config', { origin, size, root: hash }]);
  });
});
