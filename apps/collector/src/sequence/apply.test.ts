import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type JsonObject, readPath, SESSION_IDLE_MS } from '@vitrine/schema';
import { AT_NS, emptyLog, openEntry, RelayChain, recordsOf, seal } from '../fixture/log.ts';
import type { PushEntry } from '../queue/entry.ts';
import { BatchDraft } from './draft.ts';
import { closeIdle } from './idle.ts';
import { planBatch } from './plan.ts';

const kinds = (records: JsonObject[], chain: string): string[] =>
  records.filter((r) => `${r.session}/${r.shim}` === chain).map((r) => String(r.kind));

function pushEntry(session: string, observed = String(AT_NS)): PushEntry {
  const attributes = [{ key: 'session.id', value: { stringValue: session } }];
  const logRecords = [{ timeUnixNano: '1', eventName: 'tool.call', attributes }];
  const body = Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
  const from = { principal: 'p', peer: '127.0.0.1', hash: '00', observed };
  return { kind: 'push', signal: 'logs', contentType: 'json', ...from, body };
}

describe('a relayed session', () => {
  it('opens, joins each chain beside its first record, ends and closes', () => {
    const state = emptyLog();
    const chain = new RelayChain('s1');
    const first = seal(state, [openEntry('s1'), chain.page(chain.next('telemetry.hello'))]);
    assert.deepEqual(kinds(recordsOf(first), 's1/sup'), ['open', 'join']);
    const end = { kind: 'end', state: 'closed', reason: 'bye', observed: String(AT_NS) } as const;
    const last = seal(state, [
      chain.page(chain.next('telemetry.bye')),
      { ...end, session: 's1', chain: chain.chain },
      { kind: 'close', session: 's1', reason: 'runtime', observed: String(AT_NS) },
    ]);
    const sup = recordsOf(last).filter((r) => r.shim === 'sup');
    assert.deepEqual(
      sup.map((r) => r.kind),
      ['end', 'close'],
    );
    assert.equal(readPath(sup[0], 'target.head'), chain.head.toString('base64'));
    assert.equal(state.sessions.size, 0);
    assert.equal(
      [...state.tips.keys()].some((name) => name.startsWith('s1/')),
      false,
    );
  });

  it('drops a page that came twice, and takes what is new in an overlapping one', () => {
    const state = emptyLog();
    const chain = new RelayChain('s1');
    const [a, b] = [chain.next('file.read'), chain.next('file.read')];
    seal(state, [openEntry('s1'), chain.page(a)]);
    const again = seal(state, [chain.page(a), chain.page(a, b)]);
    assert.deepEqual(kinds(recordsOf(again), chain.chain), ['file.read']);
    assert.equal(state.tips.get(chain.chain)?.seq, 1);
  });

  it('says conflict when a place is taken by another record', () => {
    const state = emptyLog();
    const chain = new RelayChain('s1');
    const twin = new RelayChain('s1');
    seal(state, [openEntry('s1'), chain.page(chain.next('file.read'))]);
    const plan = seal(state, [twin.page(twin.next('file.write'))]);
    const conflict = recordsOf(plan).find((r) => r.kind === 'conflict');
    assert.deepEqual(conflict?.target, { chain: chain.chain, seq: 0 });
    assert.deepEqual(conflict?.hashes, [
      chain.head.toString('base64'),
      twin.head.toString('base64'),
    ]);
    assert.equal(conflict?.reason, 'another record came at this place');
  });

  it('says broken, ends the chain as lost and keeps what came', () => {
    const state = emptyLog();
    const chain = new RelayChain('s1');
    seal(state, [openEntry('s1'), chain.page(chain.next('file.read'))]);
    chain.next('file.read');
    const plan = seal(state, [chain.page(chain.next('file.write'))]);
    const records = recordsOf(plan);
    assert.deepEqual(kinds(records, 's1/sup'), ['broken', 'end', 'join']);
    const end = records.find((r) => r.kind === 'end');
    assert.equal(end?.state, 'lost');
    const stray = records.find((r) => r.shim === 'in');
    assert.equal(stray?.broken, true);
    const row = plan.batch.rows.find((r) => r.shim === 'in');
    assert.match(String(row?.parts[0]?.data), /file\.write/);
  });

  it('never lets bytes that are no record stop the log', () => {
    const state = emptyLog();
    const chain = new RelayChain('s1');
    const plan = seal(state, [openEntry('s1'), chain.page(Buffer.from('{"v":1.5'))]);
    assert.equal(kinds(recordsOf(plan), 's1/sup').includes('broken'), true);
    assert.equal(recordsOf(plan).at(-1)?.kind, 'seal');
  });
});

describe('an entry that can be no record', () => {
  it('is named in the log, and what comes with it goes on', () => {
    const entry = openEntry('s1');
    entry.description.command = Array.from({ length: 1_000 }, () => 'x'.repeat(80));
    const records = recordsOf(seal(emptyLog(), [entry, pushEntry('s2')]));
    const broken = records.find((r) => r.kind === 'broken');
    assert.equal(readPath(broken, 'came.entry'), 'open');
    assert.deepEqual(kinds(records, 's2/in'), ['tool.call']);
  });
});

describe('lives', () => {
  const close = { kind: 'close', reason: 'runtime', observed: String(AT_NS) } as const;

  it('have names of their own, and say which one came before', () => {
    const state = emptyLog();
    seal(state, [openEntry('foo'), { ...close, session: 'foo' }]);
    const records = recordsOf(seal(state, [openEntry('foo:2')]));
    assert.equal(records.find((r) => r.kind === 'open')?.previous, 'foo');
  });

  it('never take up a chain of a closed one', () => {
    const state = emptyLog();
    const chain = new RelayChain('foo:2');
    seal(state, [openEntry('foo'), { ...close, session: 'foo' }]);
    seal(state, [openEntry('foo:2'), { ...close, session: 'foo:2' }]);
    const records = recordsOf(seal(state, [chain.page(chain.next('file.read'))]));
    assert.deepEqual(kinds(records, 'foo:3/in'), ['other']);
    assert.equal(
      records.some((r) => r.session === 'foo:2'),
      false,
    );
  });

  it('of a sandbox are never written by who pushes', () => {
    const state = emptyLog();
    seal(state, [openEntry('foo'), { ...close, session: 'foo' }, openEntry('foo:2')]);
    const records = recordsOf(seal(state, [pushEntry('foo')]));
    assert.deepEqual(kinds(records, 'foo:2/in'), []);
    assert.deepEqual(kinds(records, 'push.foo/in'), ['tool.call']);
  });

  it('stay believed by nobody once broken, even where a page would link', () => {
    const state = emptyLog();
    const chain = new RelayChain('s1');
    const page = { ...chain.page(chain.next('file.read')), stray: true as const };
    const records = recordsOf(seal(state, [openEntry('s1'), page]));
    assert.deepEqual(kinds(records, chain.chain), []);
    assert.equal(records.find((r) => r.shim === 'in')?.broken, true);
  });

  it('that a source opened go to the runtime that describes them, and the log says so', () => {
    const state = emptyLog();
    const records = recordsOf(seal(state, [pushEntry('s1'), openEntry('s1')]));
    assert.deepEqual(
      kinds(records, 's1/sup').filter((kind) => kind !== 'join'),
      ['open', 'conflict'],
    );
    assert.equal(state.sessions.get('s1')?.pushed, false);
  });
});

describe('a pushed session', () => {
  it('opens by itself, and never speaks for a sandbox that was registered', () => {
    const state = emptyLog();
    const plan = seal(state, [openEntry('s1'), pushEntry('s1'), pushEntry('s2')]);
    const records = recordsOf(plan);
    assert.deepEqual(kinds(records, 's1/in'), []);
    assert.deepEqual(kinds(records, 's2/in'), ['tool.call']);
    assert.deepEqual(kinds(records, 'push.s1/in'), ['tool.call']);
  });

  it('closes when idle, and its next life has another name', () => {
    const state = emptyLog();
    seal(state, [pushEntry('s2')]);
    const idleNs = AT_NS + BigInt(SESSION_IDLE_MS) * 1_000_000n;
    const early = new BatchDraft(state, () => Buffer.alloc(16));
    closeIdle(early, idleNs - 1n);
    assert.equal(early.count, 0);
    const draft = new BatchDraft(state, () => Buffer.alloc(16));
    closeIdle(draft, idleNs);
    const closed = recordsOf(planBatch(draft, idleNs)).filter((r) => r.session === 's2');
    assert.deepEqual(
      closed.map((r) => r.kind),
      ['end', 'close'],
    );
    const next = recordsOf(seal(state, [pushEntry('s2', String(idleNs))], idleNs));
    assert.deepEqual(kinds(next, 's2:2/in'), ['tool.call']);
    assert.equal(next.find((r) => r.kind === 'open')?.previous, 's2');
  });

  it('becomes a broken record of the log when it cannot be read', () => {
    const entry = { ...pushEntry('s2'), body: Buffer.from('{') };
    const audit = recordsOf(seal(emptyLog(), [entry])).find((r) => r.shim === 'audit');
    assert.equal(audit?.kind, 'broken');
    assert.equal(readPath(audit, 'came.bytes'), 1);
  });
});
