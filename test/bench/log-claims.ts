/**
 * What each claim costs: the bytes of its bundle and the time to verify it in Node, over one log of
 * 1,000 sessions. `npm run bench -- log-claims 100` has 100 records in each session.
 */
import {
  type BundleInput,
  type Claim,
  consistencyPath,
  headsTree,
  type NodeReader,
  nodeHash,
  verifyBundle,
} from '@vitrine/chain';
import { RIG_TRUST, RigLog } from '../../packages/chain/src/verify/rig.ts';
import { printMachine, sizeAsked, timedRuns } from './measure/bench.ts';

const SESSIONS = 1_000;
/** Every tenth stays open. */
const OPEN_EVERY = 10;
const DAY = '2025-11-24';
const RUNS = 30;
const NAME_CHARS = 28;
const NUMBER_CHARS = 10;

const records = sizeAsked(100);
const log = new RigLog();
for (let i = 0; i < SESSIONS; i++) {
  const session = `s${i}`;
  log.add(`${session}/sup`, 'open');
  for (let seq = 0; seq < records; seq++)
    log.add(`${session}/b1`, 'file.read', { path: `/${seq}` });
  log.join(`${session}/b1`);
  if (i % OPEN_EVERY === 0) continue;
  log.end(`${session}/b1`);
  log.close(session);
}
const pinned = log.seal();
const pinnedSize = log.leaves.length;
for (let seq = 0; seq < records; seq++) log.add('s0/b1', 'file.read', { path: `/${seq}` });
log.seal({ day: DAY });

/** Each level once: `RigLog.reader` hashes from the leaves anew for every node. */
function levelReader(): NodeReader {
  const levels = [log.leaves];
  for (let below = log.leaves; below.length > 1; ) {
    const above: Buffer[] = [];
    for (let i = 0; i + 1 < below.length; i += 2) above.push(nodeHash(below[i]!, below[i + 1]!));
    levels.push(above);
    below = above;
  }
  return (level, index) => Promise.resolve(levels[level]![index]!);
}

function around(session: string, chains: readonly string[]): BundleInput['neighbours'] {
  const heads = chains.map((chain) => {
    const { leaf, seq } = log.chains.get(chain)!.at(-1)!;
    return { chain, head: leaf, seq };
  });
  const tree = headsTree(heads);
  return tree.around(session).map((index) => {
    return { index, leaf: tree.leaves[index]!, proof: tree.path(index) };
  });
}

const last = log.leaves.length - 1;
const range: Claim = { type: 'range', chain: 's1/b1', first: 10, last: 19 };
const proof = await consistencyPath(pinnedSize, log.leaves.length, levelReader());
const [origin, size, root] = pinned.split('\n');
const pin = JSON.stringify({ origin, size: Number(size), root, note: pinned });

const bundles: [name: string, bundle: Buffer, pin?: string][] = [
  ['session, closed', log.session('s1')],
  ['session, open', log.session('s10')],
  ['range of 10 records', log.bundle(range, { chains: [log.chain('s1/b1', 10, 19)] })],
  ['event', log.bundle({ type: 'event', index: 7 }, { attached: [log.leaf(7)] })],
  [
    'event, with a pin',
    log.bundle(
      { type: 'event', index: 7 },
      { attached: [log.leaf(7)], consistency: { from: pinned, proof } },
    ),
    pin,
  ],
  [
    'absent',
    log.bundle({ type: 'absent', session: 'x' }, { neighbours: around('x', [...log.open.keys()]) }),
  ],
  [
    'inactive',
    log.bundle(
      { type: 'inactive', session: 'x', day: DAY },
      { attached: [log.leaf(last)], neighbours: around('x', [...log.chains.keys()]) },
    ),
  ],
];

printMachine();
console.log(`log      ${log.leaves.length} leaves, ${SESSIONS} sessions of ${records} records\n`);
const cells = (name: string, bytes: string, ms: string): string =>
  name.padEnd(NAME_CHARS) + bytes.padStart(NUMBER_CHARS) + ms.padStart(NUMBER_CHARS);
console.log(cells('claim', 'bytes', 'ms'));
for (const [name, bundle, given] of bundles) {
  const runs = await timedRuns(RUNS, () => {
    const { code, failure } = verifyBundle(bundle, RIG_TRUST, given === undefined ? {} : { pin });
    if (code !== 0) throw new Error(`${name}: ${code} ${failure?.at} ${failure?.found}`);
  });
  const best = Math.min(...runs.map(({ ms }) => ms));
  console.log(cells(name, bundle.length.toLocaleString('en'), best.toFixed(2)));
}
