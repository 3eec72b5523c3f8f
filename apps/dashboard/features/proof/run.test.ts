/** One attempt after another: what is asked of the server, what is pinned, what is noted. */
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { afterEach, test } from 'node:test';
import { ApiFailure } from '../../lib/api/client.ts';
import { MemoryStorage, NOW_NS, type ProofLog, proofLog } from './fixture.ts';
import { rowStateOf } from './row-state.ts';
import { type ProofProgress, type ProofWays, proveOnce } from './run.ts';
import { pinFile, readPin } from './trust-pin.ts';
import { forgetOutcomes } from './verdicts.ts';

const LOG = proofLog();
const THIEF = proofLog(8);
const ROW = LOG.item(3);
const { signal } = new AbortController();

afterEach(() => forgetOutcomes());

/** A page on `log`, with what it asked for. */
function page(log: ProofLog, storage = new MemoryStorage()) {
  const asked: string[] = [];
  const ways: ProofWays = {
    fetchBundle: async (item) => {
      asked.push('bundle');
      return log.bundle(item.index);
    },
    fetchTrust: async () => {
      asked.push('trust');
      return log.trust;
    },
    storage,
    subtle: webcrypto.subtle,
    nowNs: () => NOW_NS,
  };
  return { ways, asked, storage };
}

function failureOf(progress: ProofProgress): string {
  assert.equal(progress.phase, 'done');
  return progress.report.failure ?? 'proven';
}

test('the first proof pins the key; the next ones compare with it', async () => {
  const { ways, storage } = page(LOG);
  assert.equal(failureOf(await proveOnce(ROW, ways, signal)), 'proven');
  const pinned = readPin(storage);
  assert.equal(pinned.state, 'pinned');
  assert.equal(pinned.pin.source, 'first use');
  assert.equal(pinned.pin.at, '2025-11-24T16:15:00.000Z');
  assert.equal(failureOf(await proveOnce(ROW, ways, signal)), 'proven');
  assert.deepEqual(readPin(storage), pinned);
  assert.match(rowStateOf(ROW, LOG.size).reason, /Proven in this browser/);
});

test('another key than the pinned one: broken in words, in lists too, and not pinned', async () => {
  const { ways, storage } = page(LOG);
  await proveOnce(ROW, ways, signal);
  const pinned = readPin(storage);
  const stolen = page(THIEF, storage);
  const row = THIEF.item(3);
  assert.equal(rowStateOf(row, THIEF.size).state, 'sealed', 'nothing in the row itself is wrong');
  const failure = failureOf(await proveOnce(row, stolen.ways, signal));
  assert.match(failure, /The server names another key now.*2025-11-24/);
  assert.deepEqual(rowStateOf(row, THIEF.size), { state: 'broken', reason: failure });
  assert.deepEqual(readPin(storage), pinned, 'never pinned again in silence');
});

test('a server that only swaps its trust file is found out', async () => {
  const { ways, storage } = page(LOG);
  await proveOnce(ROW, ways, signal);
  for (const fetchTrust of [
    async () => THIEF.trust,
    async () => 'quorum none\n',
    async () => '<',
  ]) {
    const failure = failureOf(await proveOnce(ROW, { ...ways, storage, fetchTrust }, signal));
    assert.match(failure, /The server names (another key now|no key that can be read)/);
  }
});

test('a server that no longer names its keys changes nothing: the pin is enough', async () => {
  const { ways, storage } = page(LOG);
  await proveOnce(ROW, ways, signal);
  const fetchTrust = async () => {
    throw new ApiFailure(503, 'NOT_READY', 'starting', '');
  };
  const progress = await proveOnce(ROW, { ...ways, storage, fetchTrust }, signal);
  assert.equal(failureOf(progress), 'proven');
});

test("with the reader's own file the server is not asked about keys", async () => {
  const { ways, asked, storage } = page(LOG);
  pinFile(storage, { text: LOG.trust, name: 'trust.txt' }, '2026-01-01T00:00:00.000Z');
  assert.equal(failureOf(await proveOnce(ROW, ways, signal)), 'proven');
  assert.deepEqual(asked, ['bundle']);
  pinFile(storage, { text: THIEF.trust, name: 'other.txt' }, '2026-01-01T00:00:00.000Z');
  assert.match(failureOf(await proveOnce(ROW, ways, signal)), /from your own file other\.txt/);
});

test('all that is asked of the server is evidence and its keys', async () => {
  const { ways, asked } = page(LOG);
  await proveOnce(ROW, ways, signal);
  assert.deepEqual(asked.sort(), ['bundle', 'trust']);
});

test('a row that no published tree covers yet is pending, and found sealed later', async () => {
  const { ways } = page(LOG);
  const refusal = new ApiFailure(503, 'NOT_READY', 'the log has no seal with heads yet', '');
  const fetchBundle = async () => {
    throw refusal;
  };
  const waiting = await proveOnce(ROW, { ...ways, fetchBundle }, signal);
  assert.deepEqual(waiting, { phase: 'pending', reason: refusal.message });
  assert.equal(rowStateOf(ROW, LOG.size).state, 'sealed', 'waiting says nothing against the row');
  assert.equal(failureOf(await proveOnce(ROW, ways, signal)), 'proven');
});

test('a row without a leaf is broken; an answer that does not come is no finding', async () => {
  const { ways } = page(LOG);
  const answering = (status: number, code: string) => {
    const fetchBundle = async () => {
      throw new ApiFailure(status, code, 'said', '');
    };
    return proveOnce(ROW, { ...ways, fetchBundle }, signal);
  };
  for (const [status, code] of [
    [0, 'CONNECTION_LOST'],
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [500, 'INTERNAL'],
  ] as const) {
    const progress = await answering(status, code);
    assert.equal(progress.phase, 'failed', code);
    assert.equal(rowStateOf(ROW, LOG.size).state, 'sealed', code);
  }
  assert.match(failureOf(await answering(404, 'NOT_FOUND')), /there is no leaf default\.0\.1\/3/);
  assert.equal(rowStateOf(ROW, LOG.size).state, 'broken');
});

test('without WebCrypto nothing is asked, pinned or said about the row', async () => {
  const { ways, asked, storage } = page(LOG);
  const progress = await proveOnce(ROW, { ...ways, subtle: undefined }, signal);
  assert.deepEqual(progress, { phase: 'unable', why: 'no WebCrypto' });
  assert.deepEqual([asked, readPin(storage).state], [[], 'none']);
});

test('a WebCrypto without Ed25519 says so', async () => {
  const { ways } = page(LOG);
  const subtle = {
    importKey: async () => {
      throw new DOMException('Unrecognized name.', 'NotSupportedError');
    },
    verify: async () => true,
  };
  const progress = await proveOnce(ROW, { ...ways, subtle }, signal);
  assert.deepEqual(progress, { phase: 'unable', why: 'no Ed25519' });
  assert.equal(rowStateOf(ROW, LOG.size).state, 'sealed');
});

test('what is stored and no pin is not replaced', async () => {
  const { ways, asked, storage } = page(LOG);
  storage.setItem('vitrine.trust/1', '{"text":"x"}');
  const progress = await proveOnce(ROW, ways, signal);
  assert.deepEqual(progress, { phase: 'unable', why: 'unreadable pin' });
  assert.deepEqual([asked, storage.getItem('vitrine.trust/1')], [[], '{"text":"x"}']);
});

test('a first use with a server whose keys cannot be read pins nothing', async () => {
  for (const trust of ['<html>', 'quorum none\n', '']) {
    const { ways, storage } = page(LOG);
    const progress = await proveOnce(ROW, { ...ways, fetchTrust: async () => trust }, signal);
    assert.equal(progress.phase, 'failed', trust);
    assert.equal(readPin(storage).state, 'none');
  }
});

test('an attempt that was given up notes and pins nothing', async () => {
  const { ways, storage } = page(LOG);
  const given = new AbortController();
  const fetchTrust = async () => {
    given.abort();
    return THIEF.trust;
  };
  await assert.rejects(proveOnce(ROW, { ...ways, fetchTrust }, given.signal), {
    name: 'AbortError',
  });
  assert.equal(readPin(storage).state, 'none');
  assert.equal(rowStateOf(ROW, LOG.size).state, 'sealed');
});
