/**
 * What a seal costs while many chains are open: the heads tree over all of them, the batch's leaves
 * and the root, with the code of the sequencer. `npm run bench -- log-seal 10000`
 */
import { type Head, headsTree, leafHash } from '@vitrine/chain';
import { type BatchRow, closeBatch } from '../../apps/collector/src/sequence/plan.ts';
import { chainName, emptyState } from '../../apps/collector/src/sequence/state.ts';
import {
  printMachine,
  printTimes,
  type Run,
  sizeAsked,
  timed,
  timedRuns,
} from './measure/bench.ts';

const SEAL_MS_MAX = 15;
const RUNS = 15;
const NS = 1_764_000_000_000_000_000n;
const SHIM = 'b0.agent';

const chains = sizeAsked(10_000);
const state = emptyState({ log: 'default.0.1', tenant: 'default', origin: 'bench' });
let batches = 0;

/** Names as runtimes give them, in no order. */
function sessionOf(i: number): string {
  return `sess_${leafHash(Buffer.from(`session ${i}`))
    .toString('hex')
    .slice(0, 24)}`;
}

/** The next record of each of the first `count` chains. Made before the clock runs. */
function nextRows(count: number): BatchRow[] {
  batches++;
  return Array.from({ length: count }, (_, i) => {
    const session = sessionOf(i);
    const name = chainName(session, SHIM);
    const seq = (state.tips.get(name)?.seq ?? -1) + 1;
    const bytes = Buffer.from(`${name} ${seq}`);
    const leaf = leafHash(bytes);
    state.tips.set(name, { session, shim: SHIM, seq, head: leaf });
    return { session, shim: SHIM, seq, bytes, leaf, parts: [], provenance: null };
  });
}

function seal(rows: BatchRow[]): void {
  closeBatch(state, rows, { tNs: NS + BigInt(batches), src: {}, withHeads: true });
}

async function sealedRuns(changed: number): Promise<Run[]> {
  const took: Run[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const rows = nextRows(changed);
    took.push(await timed(() => seal(rows)));
  }
  return took.slice(1);
}

printMachine();
console.log(`chains   ${chains} open`);
const first = nextRows(chains);
const { ms } = await timed(() => seal(first));
console.log(`first seal, nothing known before   ${ms.toFixed(1)} ms, code not yet compiled`);
const bound = { is: 'at most', value: SEAL_MS_MAX } as const;
for (const changed of [0, 1, 100, chains]) {
  printTimes(`seal, ${changed} chains changed`, await sealedRuns(changed), bound);
}
const heads: Head[] = [...state.tips].map(([chain, { head, seq }]) => ({ chain, head, seq }));
printTimes('heads tree anew, for a proof', await timedRuns(RUNS, () => headsTree(heads)));
