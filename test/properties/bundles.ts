/**
 * Bundles that verify, one of each claim at least: those of the golden log, and smaller ones of a
 * log made here. Each comes with the log it is of: a claim can be judged without a verifier.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { consistencyPath, headsTree, type VerifyOptions, verifyBundle } from '@vitrine/chain';
import { RIG_TRUST, RigLog, rigSession } from '../../packages/chain/src/verify/rig.ts';
import type { Truth } from './truth.ts';

const GOLDEN = new URL('../vectors/golden/', import.meta.url);
const NOW = 1_764_090_000n * 1_000_000_000n;
const DAY = '2025-11-24';

export interface Sound {
  name: string;
  bytes: Buffer;
  trust: string;
  options: VerifyOptions;
  log: Truth;
}

/** Every golden bundle that is proven without further options, each content once. */
export function goldenBundles(): Sound[] {
  const trust = golden('trust.txt');
  const log = golden('log.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { record: string }).record);
  const seen = new Set<string>();
  const sound: Sound[] = [];
  for (const name of readdirSync(GOLDEN).filter((file) => file.endsWith('.vitrine.json'))) {
    const bytes = readFileSync(new URL(name, GOLDEN));
    const options = name === 'pinned.vitrine.json' ? { pin: golden('pin.json') } : {};
    const one: Sound = { name, bytes, trust, options: { now: NOW, ...options }, log: { log } };
    const content = bytes.toString('latin1');
    if (seen.has(content) || verifyBundle(bytes, trust, one.options).code !== 0) continue;
    seen.add(content);
    sound.push(one);
  }
  return sound;
}

function golden(name: string): string {
  return readFileSync(new URL(name, GOLDEN), 'utf8');
}

/** Small ones: nothing in them but what their claim needs, and a note with two strangers' lines. */
export async function smallBundles(): Promise<Sound[]> {
  const log = new RigLog();
  for (const session of ['s1', 's9']) log.add(`${session}/sup`, 'open');
  log.seal({ day: DAY });
  const tree = headsTree([...log.open.values()]);
  const around = (session: string) =>
    tree.around(session).map((i) => ({ index: i, leaf: tree.leaves[i]!, proof: tree.path(i) }));
  const attached = [log.leaf(log.leaves.length - 1)];
  const neighbours = around('s4');
  const day = { type: 'inactive', session: 's4', day: DAY } as const;
  const closed = rigSession(2, true);
  const parted = withPart();
  const made: [string, RigLog, Buffer, VerifyOptions?][] = [
    ['event', log, log.bundle({ type: 'event', index: 0 }, { attached: [log.leaf(0)] })],
    ['two events', log, twoEvents(log)],
    ['absent', log, log.bundle({ type: 'absent', session: 's4' }, { neighbours })],
    ['inactive', log, log.bundle(day, { neighbours, attached })],
    ['session', closed, closed.session('s1')],
    ['open session', log, log.session('s1')],
    ['range', parted, rangeOf(parted)],
    ['strangers', log, withStrangers(log)],
    ['pinned', ...(await pinned())],
  ];
  return made.map(([name, { texts }, bytes, options = {}]) => {
    const text = texts.map((record) => record.toString());
    return { name, bytes, trust: RIG_TRUST, options, log: { log: text } };
  });
}

function twoEvents(log: RigLog): Buffer {
  return log.bundle({ type: 'event', index: 0 }, { attached: [log.leaf(0), log.leaf(1)] });
}

function withPart(): RigLog {
  const log = new RigLog();
  log.add('s1/b1', 'file.read', {}, { data: Buffer.from('content') });
  log.seal();
  return log;
}

function rangeOf(log: RigLog): Buffer {
  const claim = { type: 'range', chain: 's1/b1', first: 0, last: 0 } as const;
  return log.bundle(claim, { chains: [log.chain('s1/b1')] });
}

/** Lines of keys that no trust file has: one by another name, one by the log's own name. */
function withStrangers(log: RigLog): Buffer {
  const origin = log.note.slice(0, log.note.indexOf('\n'));
  const lines = ['stranger.example', origin].map((name, i) => {
    const signature = Buffer.alloc(68, 17 * (i + 1)).toString('base64');
    return `— ${name} ${signature}\n`;
  });
  const signed = log.note;
  log.note = signed + lines.join('');
  const bundle = log.bundle({ type: 'event', index: 1 }, { attached: [log.leaf(1)] });
  log.note = signed;
  return bundle;
}

async function pinned(): Promise<[RigLog, Buffer, VerifyOptions]> {
  const log = rigSession(1, false);
  const [from, size] = [log.note, log.leaves.length];
  const [origin, , root] = from.split('\n');
  log.seal();
  const proof = await consistencyPath(size, log.leaves.length, log.reader());
  const claim = { type: 'event', index: 0 } as const;
  const bundle = log.bundle(claim, { attached: [log.leaf(0)], consistency: { from, proof } });
  return [log, bundle, { pin: JSON.stringify({ origin, size, root, note: from }) }];
}

/** Larger bundles that say the same as others: a third of all bits, left to VITRINE_FLIPS=all. */
const ALIKE = ['expect', 'session-half', 'session-no-parts-required'];

/** The bundles whose bits the long test flips, in its turns or all at once. */
export async function flippedBundles(): Promise<Sound[]> {
  const isLeft = ({ name }: Sound): boolean => ALIKE.includes(name.split('.')[0]!);
  const all = [...(await smallBundles()), ...goldenBundles()];
  return process.env.VITRINE_FLIPS === 'all' ? all : all.filter((one) => !isLeft(one));
}
