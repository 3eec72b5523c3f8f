/**
 * How fast one core hashes records and appends them to the tree, with the code of the sequencer:
 * leaf hash, nodes, tiles, and a seal for each batch. `npm run bench -- log-append 1000000`
 */
import { leafHash, makeRecord, ZERO_HASH } from '@vitrine/chain';
import { type BatchRow, closeBatch } from '../../apps/collector/src/sequence/plan.ts';
import { emptyState } from '../../apps/collector/src/sequence/state.ts';
import { printFigure, printMachine, type Run, sizeAsked, timedRuns } from './measure/bench.ts';

const RECORD_BYTES = 500;
const RECORDS_PER_S_AIM = 700_000;
const RUNS = 7;
/** As many as a full batch has at least. */
const BATCH_RECORDS = 20_000;
const NS = 1_764_000_000_000_000_000n;

const wanted = sizeAsked(400_000);
const records = Array.from({ length: Math.min(wanted, BATCH_RECORDS) }, (_, seq) => record(seq));

/** Filled up to 500 bytes. */
function record(seq: number): Buffer {
  const prev = seq === 0 ? ZERO_HASH : Buffer.alloc(ZERO_HASH.length, 1 + (seq % 255));
  const place = { session: 'bench', shim: 'b0.agent', seq, prev };
  const made = (fill: number) => {
    const fields = { agent: { id: 'main' }, tool: { name: 'Bash', use_id: 'u'.repeat(fill) } };
    return makeRecord({ kind: 'tool.call', t: String(NS), fields }, place, () => ZERO_HASH).bytes;
  };
  return made(RECORD_BYTES - made(0).length);
}

function rowOf(bytes: Buffer, seq: number): BatchRow {
  const place = { session: 'bench', shim: 'b0.agent', seq };
  return { ...place, bytes, leaf: leafHash(bytes), parts: [], provenance: null };
}

/** Hashes and appends all of them in batches, as one log would get them. */
function append(): void {
  const state = emptyState({ log: 'default.0.1', tenant: 'default', origin: 'bench' });
  for (let done = 0; done < wanted; done += records.length) {
    const terms = { tNs: NS + BigInt(done), src: {}, withHeads: true };
    closeBatch(state, records.map(rowOf), terms);
  }
}

function hashAlone(): void {
  for (let done = 0; done < wanted; done += records.length)
    for (const one of records) leafHash(one);
}

printMachine();
console.log(
  `records  ${wanted} of ${RECORD_BYTES} bytes, a seal for each ${records.length}, one core`,
);
const bound = { is: 'at least', value: RECORDS_PER_S_AIM, aim: true } as const;
print('leaf hash alone', await timedRuns(RUNS, hashAlone));
print('leaf hash, append, tiles, seal', await timedRuns(RUNS, append));

/** By the clock, and by the time the core spent on it: other work may have had it meanwhile. */
function print(name: string, runs: Run[]): void {
  const perSecond = (ms: number): number => (wanted / ms) * 1_000;
  printFigure(
    name,
    runs.map(({ ms }) => perSecond(ms)),
    'records/s',
    bound,
  );
  printFigure(
    "  by the core's own time",
    runs.map(({ cpuMs }) => perSecond(cpuMs)),
    'records/s',
    bound,
  );
}
