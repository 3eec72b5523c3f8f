/**
 * An auditor's two visits, by the command line against a real collector: a pin on the first day,
 * and on the next every claim, each verified offline with the auditor's own trust file and pin.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { leafHash, parseCheckpointNote, verifyInclusion } from '@vitrine/chain';
import { encodeLogsRequest } from '@vitrine/schema';
import { main } from '../apps/cli/src/main.ts';
import { type MemoryIo, memoryIo } from '../apps/cli/src/print/memory-io.ts';
import { type Collector, startCollector } from '../apps/collector/src/main.ts';

const WAIT_MS_MAX = 30_000;
const NS_PER_S = 1_000_000_000n;
const DAY = '2027-06-30';
const MIDNIGHT = BigInt(Date.parse('2027-07-01')) * 1_000_000n;
const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-auditor-'));
/** Where the auditor keeps files; nothing of the system is there. */
const kept = mkdtempSync(join(tmpdir(), 'vitrine-kept-'));
const [trust, pin] = [join(kept, 'trust.txt'), join(kept, 'first.pin')];
let clockNs = MIDNIGHT - 600n * NS_PER_S;
const clock = { nowNs: () => (clockNs += 1_000_000n) };
let collector: Collector;

before(async () => {
  const ports = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n';
  writeFileSync(join(dataDir, 'vitrine.yaml'), ports);
  const onFatal = (error: unknown): void => assert.fail(String(error));
  collector = await startCollector({ dataDir, log: () => {}, onFatal, clock });
});
after(async () => {
  await collector.stop();
  for (const dir of [dataDir, kept]) rmSync(dir, { recursive: true });
});

async function vitrine(...args: string[]): Promise<MemoryIo & { code: number }> {
  const io = memoryIo();
  const code = await main([...args, '--data', dataDir], io);
  return { ...io, code };
}

async function push(session: string, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, i) => {
    const attributes = { 'session.id': session, 'tool.name': `${i} at ${clockNs}` };
    const part = { 'vitrine.part.prompt': new Uint8Array(Buffer.from(`prompt ${i}`)) };
    return { eventName: 'tool.call', timeUnixNano: '1', attributes: { ...attributes, ...part } };
  });
  const token = readFileSync(collector.adminTokenFile, 'utf8').trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-protobuf' };
  const body = encodeLogsRequest(records);
  const answer = await fetch(`${collector.otlp}/v1/logs`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200);
}

/** Exports until the log has what is asked for; says the last refusal when it never has. */
async function exported(file: string, ...args: string[]): Promise<void> {
  const end = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const { code, errors } = await vitrine('export', ...args, '-o', join(kept, file));
    if (code === 0) return;
    assert.ok(performance.now() < end, errors.join('\n'));
    await sleep(50);
  }
}

async function verify(file: string, ...args: string[]): Promise<{ code: number; text: string }> {
  const io = memoryIo();
  const now = ['--trust', trust, '--now', String(clockNs)];
  // No data directory: an auditor has none.
  const code = await main(['verify', join(kept, file), '--data', kept, ...now, ...args], io);
  return { code, text: [...io.lines, ...io.errors].join('\n') };
}

describe('an auditor', () => {
  it('takes the trust file and a pin away', async () => {
    await push('s1', 5);
    await exported('first', '--chain', 's1/in', '--first', '0', '--last', '4');
    writeFileSync(trust, (await vitrine('trust')).lines.join('\n'));
    const { code, errors } = await vitrine('checkpoint', '--trust', trust, '--pin', pin);
    assert.equal(code, 0, errors.join('\n'));
    assert.equal((await verify('first')).code, 0);
  });

  const claims: [name: string, args: string[]][] = [
    ['session', ['--session', 's1']],
    ['range', ['--chain', 's1/in', '--first', '1', '--last', '6']],
    ['event', ['--event', 'default.0.1/3']],
    ['absent', ['--absent', 's2']],
    ['inactive', ['--inactive', 's3', '--day', DAY]],
  ];
  for (const [name, args] of claims) {
    it(`proves ${name} on the next day, and that nothing before was rewritten`, async () => {
      if (clockNs < MIDNIGHT) {
        clockNs = MIDNIGHT + NS_PER_S;
        await push('s3', 1);
        await push('s1', 3);
        await exported('grown', '--chain', 's1/in', '--first', '0', '--last', '7');
      }
      await exported(name, ...args, '--pin', pin);
      const verdict = await verify(name, '--pin', pin);
      assert.equal(verdict.code, 0, verdict.text);
      await exported(`${name}.unpinned`, ...args);
      assert.equal((await verify(`${name}.unpinned`, '--pin', pin)).code, 3, 'without the proof');
      const bytes = readFileSync(join(kept, name));
      bytes[bytes.indexOf('"consistency"') + 30]! ^= 1;
      writeFileSync(join(kept, `${name}.flipped`), bytes);
      const flipped = await verify(`${name}.flipped`, '--pin', pin);
      assert.notEqual(flipped.code, 0, 'with another one');
    });
  }

  it('keeps a report for the papers, and a pin from the very bundle', async () => {
    const [report, second] = [join(kept, 'report.html'), join(kept, 'second.pin')];
    const seen = await verify('session', '--expect-session', 's1', '--report', report);
    assert.equal(seen.code, 0, seen.text);
    assert.match(readFileSync(report, 'utf8'), /<p class="word">proven<\/p>/);
    const bundle = ['--bundle', join(kept, 'session'), '--trust', trust];
    assert.equal((await vitrine('checkpoint', ...bundle, '--pin', second)).code, 0);
    assert.equal((await verify('session', '--pin', second)).code, 0);
  });

  it('is told that what is there cannot be proven to be absent', async () => {
    for (const args of [
      ['--absent', 's1'],
      ['--inactive', 's1', '--day', DAY],
    ]) {
      const { code, errors } = await vitrine('export', ...args, '-o', join(kept, 'false'));
      assert.equal(code, 1);
      assert.match(errors[0]!, /^error CLAIM_FALSE: session s1 /);
    }
  });

  it('gets a range whose redacted part is covered, and verifies it', async () => {
    await exported('one', '--chain', 's1/in', '--first', '2', '--last', '2');
    const one = JSON.parse(readFileSync(join(kept, 'one'), 'utf8')) as {
      chains: { tip: { index: number } }[];
    };
    const event = ['--event', `default.0.1/${one.chains[0]!.tip.index}`];
    const what = ['--part', 'prompt', '--reason', 'a test'];
    const { code, errors } = await vitrine('redact', ...event, ...what);
    assert.equal(code, 0, errors.join('\n'));
    await exported('redacted', '--chain', 's1/in', '--first', '1', '--last', '3');
    const { code: verdict, text } = await verify('redacted', '--json');
    assert.equal(verdict, 0, text);
    const { redacted } = JSON.parse(text) as { redacted: object[] };
    assert.equal(redacted.length, 1);
  });

  it('gets a tlog-proof that says what RFC 9162 says', async () => {
    const event = ['--event', 'default.0.1/3'];
    await exported('proof', ...event, '--format', 'tlog-proof');
    const text = readFileSync(join(kept, 'proof'), 'utf8');
    const [head, index, ...rest] = text.split('\n');
    assert.deepEqual([head, index], ['c2sp.org/tlog-proof@v1', 'index 3']);
    const path = rest.slice(0, rest.indexOf('')).map((line) => Buffer.from(line, 'base64'));
    const { size, root } = parseCheckpointNote(rest.slice(rest.indexOf('') + 1).join('\n'));
    const bundle = JSON.parse(readFileSync(join(kept, 'event'), 'utf8')) as {
      attached: { index: number; record: string }[];
    };
    const { record } = bundle.attached.find((leaf) => leaf.index === 3)!;
    assert.ok(verifyInclusion(leafHash(Buffer.from(record)), 3, size, path, root));
    assert.ok(!verifyInclusion(leafHash(Buffer.from(record)), 2, size, path, root));
  });
});
