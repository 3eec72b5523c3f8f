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
import { encodeLogsRequest } from '@vitrine/schema';
import { main } from '../apps/cli/src/main.ts';
import { memoryIo } from '../apps/cli/src/print/memory-io.ts';
import { type Collector, startCollector } from '../apps/collector/src/main.ts';
import { tamper } from '../packages/store/src/fixture/backup.ts';
import { filesWith } from '../packages/store/src/fixture/files.ts';

const WAIT_MS_MAX = 30_000;
const root = mkdtempSync(join(tmpdir(), 'vitrine-backups-'));
const at = (name: string): string => join(root, name);
const data = at('data');
const backup = at('backup');
let collector: Collector | undefined;

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

before(async () => {
  mkdirSync(data);
  writeFileSync(join(data, 'vitrine.yaml'), 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  await start(data);
  for (const session of ['s1', 's2', 's3']) await push(session);
});

after(async () => {
  await stop();
  rmSync(root, { recursive: true, force: true });
});

describe('vitrine backup', () => {
  it('copies the log of a running system, and verifies offline with the trust of others', async () => {
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
    cpSync(backup, at('changed'), { recursive: true });
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
  it('continues the old log: what was pinned before is in it, and it grows', async () => {
    await stop();
    const args = ['--from', at('with-keys'), '--pin', at('early.pin')];
    const rebuilt = await done('rebuild', '--data', at('new'), ...args);
    assert.equal(rebuilt.restored, rebuilt.size);
    await start(at('new'));
    const { index } = await push('s4');
    assert.ok(index >= Number(rebuilt.size));
    const bundle = at('s1.vitrine.json');
    const pinned = ['--pin', at('early.pin')];
    await done('export', '--data', at('new'), '--session', 's1', '-o', bundle, ...pinned);
    const verdict = await done('verify', bundle, '--trust', at('trust.txt'), ...pinned);
    assert.equal(verdict.code, 0);
    const [report] = (await done('fsck', '--data', at('new'))) as unknown as { ok: boolean }[];
    assert.equal(report!.ok, true);
    await stop();
  });

  it('makes no directory over another, and none of a backup without the key', async () => {
    const from = ['--from', backup];
    await refused('DATA_NOT_EMPTY', 'rebuild', '--data', at('new'), ...from);
    await refused('LOG_KEY_MISMATCH', 'rebuild', '--data', at('none'), ...from);
    assert.ok(!existsSync(at('none')) && !existsSync(`${at('none')}.rebuilding`));
  });

  it('is refused when one row of the backup was changed', async () => {
    const args = ['--from', at('changed'), '--old', data];
    const err = await refused('BACKUP_DAMAGED', 'rebuild', '--data', at('none'), ...args);
    assert.match(err, /leaves \d+ to \d+.*; leaf \d+: /);
    assert.ok(!existsSync(at('none')));
  });
});
