/**
 * What an auditor asks of a running collector: the log as tiles, and every claim of LOG.md §4 as a
 * bundle that the verifier accepts, over midnight and over a restart. Tests build on one another.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  buildTree,
  CompactRange,
  leafHash,
  parseCheckpointNote,
  type Verdict,
  type VerifyOptions,
  verifyBundle,
} from '@vitrine/chain';
import { encodeLogsRequest, type JsonObject } from '@vitrine/schema';
import { type Collector, startCollector } from '../main.ts';
import { dayOf, midnightNs } from '../sequence/days.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-proofs-'));
const LOG = 'default.0.1';
const WAIT_MS_MAX = 20_000;
const DAY = '2027-03-01';
const NEXT_DAY = '2027-03-02';
/** An hour before midnight, and going. */
let clockNs = midnightNs(NEXT_DAY) - 3_600_000_000_000n;
const clock = { nowNs: () => (clockNs += 1_000_000n) };
let collector: Collector;
let token = '';
let pin = '';

async function start(): Promise<void> {
  writeFileSync(join(dataDir, 'vitrine.yaml'), 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  const onFatal = (error: unknown): void => assert.fail(String(error));
  collector = await startCollector({ dataDir, log: () => {}, onFatal, clock });
  token = readFileSync(collector.adminTokenFile, 'utf8').trim();
}

before(start);
after(async () => {
  await collector.stop();
  rmSync(dataDir, { recursive: true });
});

async function get(path: string, as = token): Promise<{ answer: Response; bytes: Buffer }> {
  const answer = await fetch(collector.api + path, { headers: { authorization: `Bearer ${as}` } });
  return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
}

async function refused(path: string, as = token): Promise<[number, string]> {
  const { answer, bytes } = await get(path, as);
  return [answer.status, (JSON.parse(bytes.toString()) as { code: string }).code];
}

async function push(session: string, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, i) => {
    const attributes = { 'session.id': session, 'tool.name': `${session} ${i} ${clockNs}` };
    return { eventName: 'tool.call', timeUnixNano: '1', attributes };
  });
  const body = encodeLogsRequest(records);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-protobuf' };
  const answer = await fetch(`${collector.otlp}/v1/logs`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200);
}

async function until<T>(what: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const found = await what();
    if (found !== undefined) return found;
    assert.ok(performance.now() < end, 'nothing came in time');
    await sleep(50);
  }
}

/** Waits until the last record of `<session>/in` is `seq`. */
function sealed(session: string, seq: number): Promise<true> {
  return until(async () => {
    const path = `/v1/sessions/${session}/chains/in/bundle?first=${seq}&last=${seq}&parts=0`;
    return (await get(path)).answer.status === 200 ? true : undefined;
  });
}

async function verdictOf(path: string, options: VerifyOptions = {}): Promise<Verdict> {
  const { answer, bytes } = await get(path);
  assert.equal(answer.status, 200, bytes.toString());
  const trust = readFileSync(join(dataDir, 'trust.txt'), 'utf8');
  return verifyBundle(bytes, trust, { now: clockNs, ...options });
}

async function note(): Promise<string> {
  return (await get(`/log/${LOG}/checkpoint`)).bytes.toString();
}

function entriesIn(bytes: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

describe('tiles', () => {
  it('hold the tree of the checkpoint, hashes and entries alike', async () => {
    await push('s1', 300);
    await push('s5', 1);
    await sealed('s1', 299);
    const { size, root } = parseCheckpointNote(await note());
    const tree = new CompactRange();
    const full = Math.floor(size / 256);
    for (let n = 0; n <= full; n++) {
      const suffix = n < full ? '' : `.p/${size % 256}`;
      const hashes = await get(`/log/${LOG}/tile/0/00${n}${suffix}`);
      const entries = await get(`/log/${LOG}/tile/entries/00${n}${suffix}`);
      const leaves = entriesIn(entries.bytes).map(leafHash);
      assert.deepEqual(Buffer.concat(leaves), hashes.bytes);
      for (const leaf of leaves) tree.append(leaf);
      const cache = n < full ? 'private, max-age=31536000, immutable' : 'no-cache';
      for (const { answer } of [hashes, entries]) {
        assert.equal(answer.headers.get('cache-control'), cache);
        assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
        assert.equal(answer.headers.get('content-encoding'), null);
      }
    }
    assert.equal(tree.size, size);
    assert.deepEqual(tree.root(), root);
    const { bytes } = await get(`/log/${LOG}/tile/0/000`);
    const under = Array.from({ length: 256 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));
    const above = await get(`/log/${LOG}/tile/1/000.p/1`);
    assert.deepEqual(above.bytes, buildTree(under).root);
    assert.deepEqual((await get(`/log/${LOG}/tile/0/000.p/9`)).bytes, bytes.subarray(0, 288));
  });

  it('that the tree does not have are refused, and so is who may not read', async () => {
    const { size } = parseCheckpointNote(await note());
    const beyond = `00${Math.floor(size / 256)}.p/255`;
    for (const path of [
      '0/009',
      '1/000',
      '2/000.p/1',
      '63/000.p/1',
      `0/${beyond}`,
      '0/0',
      '00/000',
    ])
      assert.deepEqual(await refused(`/log/${LOG}/tile/${path}`), [404, 'NOT_FOUND'], path);
    assert.deepEqual(await refused(`/log/${LOG}/tile/entries/009`), [404, 'NOT_FOUND']);
    assert.deepEqual(await refused(`/log/other.0.1/tile/0/000`), [404, 'NOT_FOUND']);
    assert.equal((await get(`/log/${LOG}/tile/0/000`, 'x')).answer.status, 401);
    const answer = await fetch(`${collector.api}/v1/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ role: 'ingest' }),
    });
    const { token: ingest } = (await answer.json()) as { token: string };
    for (const path of ['checkpoint', 'tile/0/000', 'tile/entries/000']) {
      assert.deepEqual(await refused(`/log/${LOG}/${path}`, ingest), [403, 'FORBIDDEN'], path);
    }
  });
});

describe('claims', () => {
  it('a range of a chain, with the admits that say how it came', async () => {
    const range = (first: number, last: number, more = '') =>
      `/v1/sessions/s1/chains/in/bundle?first=${first}&last=${last}${more}`;
    for (const [first, last] of [
      [0, 299],
      [7, 11],
      [299, 299],
    ] as const) {
      const verdict = await verdictOf(range(first, last));
      assert.equal(verdict.code, 0, JSON.stringify(verdict.failure));
      const [chain] = verdict.chains;
      assert.deepEqual([chain?.chain, chain?.first, chain?.last], ['s1/in', first, last]);
      assert.equal(verdict.attached.length > 0, true);
      assert.equal(verdict.attached[0]?.kind, 'admit');
    }
    const given = { requireParts: true };
    assert.equal((await verdictOf(range(7, 11), given)).code, 0);
    assert.equal((await verdictOf(range(7, 11, '&parts=0'), given)).code, 3);
    assert.equal((await verdictOf('/v1/sessions/s1/chains/sup/bundle?first=0&last=1')).code, 0);
    assert.deepEqual(await refused(range(7, 300)), [404, 'NOT_FOUND']);
    assert.deepEqual(await refused(range(11, 7)), [400, 'BAD_REQUEST']);
    assert.deepEqual(await refused(range(7, 11).replace('first=7&', '')), [400, 'BAD_REQUEST']);
  });

  it('that no session of a name is open, where none is', async () => {
    for (const session of ['a', 's2', 's1x', 's10', 'zz', 's1:2']) {
      const verdict = await verdictOf(`/v1/sessions/${session}/absence/bundle`);
      assert.equal(verdict.code, 0, `${session}: ${JSON.stringify(verdict.failure)}`);
      assert.deepEqual(verdict.claim, { type: 'absent', session });
    }
    for (const session of ['s1', 's5']) {
      const path = `/v1/sessions/${session}/absence/bundle`;
      assert.deepEqual(await refused(path), [409, 'CLAIM_FALSE']);
    }
    assert.deepEqual(await refused('/v1/sessions/a%2Fb/absence/bundle'), [400, 'BAD_REQUEST']);
  });

  it('and nothing about a day that is not over', async () => {
    const path = `/v1/sessions/s2/absence/bundle?day=${DAY}`;
    assert.deepEqual(await refused(path), [503, 'NOT_READY']);
    for (const day of ['2027-3-1', '2027-02-30', 'yesterday', '']) {
      const wrong = `/v1/sessions/s2/absence/bundle?day=${day}`;
      assert.deepEqual(await refused(wrong), [400, 'BAD_REQUEST'], day);
    }
    pin = await pinned();
  });
});

/** A pin as an auditor keeps it. */
async function pinned(): Promise<string> {
  const kept = await note();
  const { origin, size, root } = parseCheckpointNote(kept);
  return JSON.stringify({ origin, size, root: root.toString('base64'), note: kept });
}

const fromPin = (kept: string): string => {
  return `from=${encodeURIComponent((JSON.parse(kept) as { note: string }).note)}`;
};

describe('midnight', () => {
  it('gives the day its seal, also when the writer starts again before it', async () => {
    await collector.stop();
    clockNs = midnightNs(NEXT_DAY) - 60_000_000_000n;
    await start();
    await push('s3', 2);
    await sealed('s3', 1);
    assert.equal(dayOf(clockNs), DAY);
    clockNs = midnightNs(NEXT_DAY);
    await push('s4', 1);
    await sealed('s4', 0);
    for (const session of ['s2', 's4', 'a', 'zz']) {
      const path = `/v1/sessions/${session}/absence/bundle?day=${DAY}`;
      const verdict = await verdictOf(path);
      assert.equal(verdict.code, 0, `${session}: ${JSON.stringify(verdict.failure)}`);
      assert.deepEqual(verdict.claim, { type: 'inactive', session, day: DAY });
    }
    for (const session of ['s1', 's3', 's5']) {
      const path = `/v1/sessions/${session}/absence/bundle?day=${DAY}`;
      assert.deepEqual(await refused(path), [409, 'CLAIM_FALSE'], session);
    }
    const before = `/v1/sessions/s2/absence/bundle?day=2027-02-27`;
    assert.deepEqual(await refused(before), [404, 'NOT_FOUND'], 'the log did not exist');
  });

  it('that passes while nothing runs is made up for, days without a writer too', async () => {
    await collector.stop();
    clockNs = midnightNs('2027-03-04') + 1_000_000_000n;
    await start();
    await push('s6', 1);
    await sealed('s6', 0);
    const on = (session: string, day: string) =>
      `/v1/sessions/${session}/absence/bundle?day=${day}`;
    await until(async () => ((await get(on('s2', '2027-03-03'))).answer.ok ? true : undefined));
    assert.deepEqual(await refused(on('s4', NEXT_DAY)), [409, 'CLAIM_FALSE']);
    for (const [session, day] of [
      ['s3', NEXT_DAY],
      ['s4', '2027-03-03'],
      ['s3', '2027-03-03'],
    ] as const) {
      const verdict = await verdictOf(on(session, day));
      assert.equal(verdict.code, 0, `${session} ${day}: ${JSON.stringify(verdict.failure)}`);
    }
    assert.deepEqual(await refused(on('s1', '2027-03-04')), [503, 'NOT_READY']);
  });

  it('is what fsck derives again', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${collector.api}/v1/fsck`, { method: 'POST', headers, body: '{}' });
    const last = (await answer.text()).trim().split('\n').at(-1)!;
    const { report } = JSON.parse(last) as { report: { ok: boolean; findings: object[] } };
    assert.deepEqual([report.ok, report.findings], [true, []]);
  });
});

describe('a pin of days ago', () => {
  it('holds for every claim, and only with the proof that the log has grown out of it', async () => {
    const paths = [
      '/v1/sessions/s4/bundle?',
      '/v1/sessions/s1/chains/in/bundle?first=2&last=3&',
      `/v1/events/${LOG}/5/bundle?`,
      '/v1/sessions/s2/absence/bundle?',
      `/v1/sessions/s2/absence/bundle?day=${DAY}&`,
    ];
    for (const path of paths) {
      const verdict = await verdictOf(path + fromPin(pin), { pin });
      assert.equal(verdict.code, 0, `${path}: ${JSON.stringify(verdict.failure)}`);
      assert.equal((await verdictOf(path, { pin })).code, 3, path);
    }
  });

  it('of the newest tree needs none', async () => {
    const kept = await pinned();
    const path = `/v1/sessions/s2/absence/bundle?${fromPin(kept)}`;
    const { bytes } = await get(path);
    const { checkpoint } = JSON.parse(bytes.toString()) as JsonObject;
    const { size } = parseCheckpointNote(String(checkpoint));
    const verdict = await verdictOf(path, { pin: kept });
    assert.equal(verdict.code, 0, `at ${size}: ${JSON.stringify(verdict.failure)}`);
  });

  it('of a log that was rewritten is answered with a proof that does not hold', async () => {
    const { note: kept } = JSON.parse(pin) as { note: string };
    const [origin, size, root, ...rest] = kept.split('\n') as [string, string, string];
    const other = [origin, size, `${root[0] === 'A' ? 'B' : 'A'}${root.slice(1)}`, ...rest];
    const path = `/v1/sessions/s2/absence/bundle?from=${encodeURIComponent(other.join('\n'))}`;
    const { bytes } = await get(path);
    const { consistency } = JSON.parse(bytes.toString()) as { consistency: { from: string } };
    assert.equal(consistency.from, other.join('\n'), 'as it was given, not as the store has it');
  });

  it('of another log, or none at all, is refused', async () => {
    const at = (text: string) => `/v1/sessions/s2/absence/bundle?from=${encodeURIComponent(text)}`;
    const { note: kept } = JSON.parse(pin) as { note: string };
    assert.deepEqual(await refused(at('x')), [400, 'BAD_REQUEST']);
    assert.deepEqual(await refused(at(`other${kept}`)), [400, 'BAD_REQUEST']);
    const larger = kept.replace(/\n\d+\n/, '\n99999999\n');
    assert.deepEqual(await refused(at(larger)), [503, 'NOT_READY']);
  });
});
