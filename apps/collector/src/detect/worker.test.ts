/** The thread itself: what it is told of before may come in pieces that end anywhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { type LooseRow, packRows } from './rows.ts';
import type { WorkerReply, WorkerRequest } from './worker.ts';

const RULE = `title: A program that nothing explains
logsource: {product: agent_sandbox, category: process}
detection: {one: {kind: process.exec}, condition: one}
x-vitrine: {absence: {of: {call: {kind: tool.call}, condition: call}, before: 5s}}
`;
const FILES = [{ name: 'A-001.yml', text: RULE }];

/** A seal each 10 s. */
function log(): LooseRow[] {
  const row = (session: string, shim: string, kind: string, seconds: number): LooseRow => {
    const record = JSON.stringify({ kind, session, t: `${seconds}000000000` });
    const place = { log: 'l', idx: 0, leaf: Buffer.alloc(32) };
    return { ...place, session, shim, vantage: 'boundary', kind, record };
  };
  const rows = [row('s1', 'agent', 'tool.call', 1), row('s1', 'sup', 'open', 1)];
  const seal = (seconds: number): number => rows.push(row('log', 'seal', 'seal', seconds));
  seal(10);
  rows.push(row('s2', 'agent', 'tool.call', 11), row('s1', 'boundary', 'process.exec', 11));
  rows.push(row('s2', 'sup', 'open', 11));
  for (let seconds = 20; seconds <= 80; seconds += 10) seal(seconds);
  return rows.map((one, idx) => ({ ...one, idx }));
}

/** Where the alert is raised, of a thread that was told `pieces` and then reads seal by seal. */
async function raised(rows: LooseRow[], pieces: number[], from: number): Promise<number[]> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url));
  const send = (request: WorkerRequest): void => worker.postMessage(request);
  send({ type: 'rules', id: 1, files: FILES, strict: true });
  const ends = [...pieces, from];
  for (const [i, end] of ends.entries()) {
    const piece = rows.slice(ends[i - 1] ?? 0, end);
    send({ type: 'prime', rows: packRows(piece), ends: false });
  }
  for (let at = from; at < rows.length; at++) {
    if (rows[at]!.kind !== 'seal') continue;
    const first = rows.findLastIndex(({ kind }, i) => kind === 'seal' && i < at) + 1;
    const batch = rows.slice(Math.max(first, from), at + 1);
    send({ type: 'rows', rows: packRows(batch), to: at + 1 });
  }
  const found: number[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('message', (reply: WorkerReply) => {
        if (reply.type !== 'alerts') return;
        if (reply.alerts.length > 0) found.push(reply.to);
        if (reply.to === rows.length) resolve();
      });
    });
  } finally {
    await worker.terminate();
  }
  return found;
}

test('a piece that ends within a batch moves no time and hides no alert', async () => {
  const rows = log();
  const [whole] = await raised(rows, [], 0);
  assert.ok(whole !== undefined);
  // All but the batch that raises it was read before; the log is told from within a batch.
  const exec = rows.findIndex(({ kind }) => kind === 'process.exec');
  for (const piece of [exec, exec + 1]) {
    assert.deepEqual(await raised(rows, [3, piece], whole - 1), [whole], String(piece));
  }
});
