/** LOG.md §5: growth since an earlier checkpoint (step 3), the order of a log's own trees (7). */
import { generateLogKey, signNote } from '@vitrine/chain';
import type { BundleJson } from '../file.ts';
import { type ForgedLog, KEY, ORIGIN } from '../forge.ts';
import type { BundleRow, VerifyArgs } from '../row.ts';
import { type Answered, lied } from './make.ts';
import { opened, openSession } from './story.ts';

const STRANGER = generateLogKey(ORIGIN, Buffer.alloc(32, 43));
const ELSEWHERE = generateLogKey('vitrine.test/0badcafe/other.0.1', Buffer.alloc(32, 44));
const ZEROS = Buffer.alloc(32).toString('base64');
const EMPTY_ROOT = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

const FROM = "`from` has the checkpoint's origin and a size not larger (1)";
const LINES = 'a signature line of it with a known name and key id that does not verify (1)';
const SIGNED = 'at least one by a key of that origin whose interval holds its size (4)';
const HOLDS = 'the proof holds (1)';
const ORDER =
  "two leaves proven in this seal's heads tree, by `head` or (claim absent) by `neighbours`, " +
  'whose indices do not stand in the order of the bytes of their chains';
const DAYS = 'two attached day seals of one `day` with other `days`';

type Growth = NonNullable<BundleJson['consistency']>;

/** A bundle that proves its growth, without anybody asking: no pin is given. */
function grown(
  id: string,
  text: string,
  answered: Answered,
  lie: (growth: Growth, log: ForgedLog) => Growth,
  args: Partial<VerifyArgs> = {},
): BundleRow {
  return lied(id, text, answered, (log, lies) => {
    openSession(log);
    const growth = { from: log.note, proof: [] as string[] };
    const size = log.leaves.length;
    log.add('s1/b1', 'x');
    log.seal();
    growth.proof = log.consistency(size);
    const bundle = log.session('s1');
    return { bundle: { ...bundle, consistency: lies ? lie(growth, log) : growth }, args };
  });
}

function textOf(note: string): string {
  return note.slice(0, note.indexOf('\n\n') + 1);
}

/** A line by the log's key under another text. */
function wrongLine(): string {
  const other = signNote(`${ORIGIN}\n1\n${ZEROS}\n`, KEY);
  return other.slice(other.indexOf('— '));
}

export const GROWTH_ROWS: BundleRow[] = [
  grown('5.3h', FROM, [1, /^pin consistency.*origin/], ({ from, proof }) => {
    const [, ...rest] = textOf(from).split('\n');
    return { from: signNote([ELSEWHERE.origin, ...rest].join('\n'), ELSEWHERE), proof };
  }),
  grown('5.3h-size', FROM, [1, /^pin consistency/], (_growth, log) => {
    log.seal();
    return { from: log.note, proof: [] };
  }),
  grown('5.3i', LINES, [1, /^pin consistency.*signature/], ({ from, proof }) => {
    return { from: from + wrongLine(), proof };
  }),
  grown('5.3j', SIGNED, [4, /^pin consistency/], ({ from, proof }) => {
    return { from: signNote(textOf(from), STRANGER), proof };
  }),
  grown('5.3k', HOLDS, [1, /^pin consistency/], ({ from, proof }) => {
    return { from, proof: [ZEROS, ...proof.slice(1)] };
  }),
  grown('5.3k-root', HOLDS, [1, /^pin consistency/], ({ from, proof }) => {
    const [origin, size] = from.split('\n');
    return { from: signNote(`${origin}\n${size}\n${ZEROS}\n`, KEY), proof };
  }),
  grown('5.3k-nothing', HOLDS, [1, /^pin consistency/], () => {
    return { from: signNote(`${ORIGIN}\n0\n${EMPTY_ROOT}\n`, KEY), proof: [] };
  }),
  grown('5.3k-same', HOLDS, [1, /^pin consistency/], (_growth, log) => {
    return { from: log.note, proof: [ZEROS] };
  }),
];

/** Heads of s1, s3 and s5, those of s3 where nobody looks for them. */
function misplaced(log: ForgedLog, lies: boolean): void {
  for (const session of ['s1', 's3', 's5']) opened(log, session, 1);
  const [a, b, c, d, ...rest] = log.openHeads();
  log.seal({ heads: lies ? [a!, b!, ...rest, c!, d!] : [a!, b!, c!, d!, ...rest] });
}

/** s3 is open: that is shown, and the opposite proven. An honest log can do it for s2 alone. */
function absentButThere(log: ForgedLog, lies: boolean): BundleJson {
  misplaced(log, lies);
  const neighbours = [log.neighbour(1), log.neighbour(2)];
  const claim = { type: 'absent', session: lies ? 's3' : 's2' };
  return log.bundle(claim, { neighbours, chains: [log.chain('s3/b1'), log.chain('s3/sup')] });
}

/** Two seals of one day, of which the second forgets what the first has. */
function twoDays(log: ForgedLog, lies: boolean): BundleJson {
  opened(log, 's1', 1);
  log.seal({ day: '2025-11-23' });
  const [first, neighbour] = [log.leaves.length - 1, log.neighbour(0)];
  log.seal(lies ? { day: '2025-11-23', heads: [] } : {});
  const second = log.leaves.length - 1;
  log.seal();
  const claim = { type: 'inactive', session: 's0', day: '2025-11-23' };
  const attached = [log.leaf(first), log.leaf(second)];
  return log.bundle(claim, { attached, neighbours: [neighbour] });
}

export const ORDER_ROWS: BundleRow[] = [
  lied('5.7h', ORDER, [5, /^contradictions /], (log, lies) => {
    opened(log, 's1', 1);
    const [first, second] = log.openHeads();
    log.seal({ heads: lies ? [second!, first!] : [first!, second!] });
    return log.session('s1');
  }),
  lied('5.7h-absent', ORDER, [5, /^contradictions /], absentButThere),
  lied('5.7i', DAYS, [5, /^contradictions /], twoDays),
  lied(
    '56-absent',
    'heads tree unsorted / duplicate chain',
    [5, /^contradictions /],
    absentButThere,
  ),
];
