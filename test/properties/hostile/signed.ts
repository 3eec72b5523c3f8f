/**
 * Bundles that a hostile log signs: true as far as signature, seal and tree go, and as large and
 * as tangled as their size allows. What is wrong with each comes last.
 */
import type { VerifyOptions } from '@vitrine/chain';
import { HostileLog } from './log.ts';

export interface Trap {
  name: string;
  make(bytes: number): Buffer;
  codes: number[];
  options?: VerifyOptions;
}

const RANGE = { type: 'range', chain: 's1/b1', first: 0 } as const;
const AUDIT = 'log/audit';
/** Bytes that one element takes in a bundle: a little less than this, without its proof. */
const RECORD_BYTES = 182;
const LOSS_BYTES = 195;
const JOIN_BYTES = 278;
const REDACTED_BYTES = 580;
const EXPIRED_BYTES = 560;
const FORKED_BYTES = 420;
const ADMIT_BYTES = 48_500;
const CHAIN_BYTES = 500;
const PARTS_BYTES = 106_000;
const REPEATED_BYTES = 302;
const NEIGHBOUR_BYTES = 36;
const PART = { p: Buffer.from('x') };

export const SIGNED_TRAPS: Trap[] = [
  { name: 'a chain of tiny records', make: tinyRecords, codes: [1] },
  { name: 'records that all tell of a loss', make: losses, codes: [1] },
  { name: 'a loss not allowed', make: losses, codes: [3], options: { requireLossless: true } },
  { name: 'missing parts and redactions', make: redactions, codes: [3] },
  { name: 'all of the missing parts', make: expiries, codes: [3], options: { all: true } },
  { name: 'missing parts and expiries that do not cover them', make: expiries, codes: [3] },
  { name: 'many parts in each record', make: manyParts, codes: [1, 2] },
  { name: 'runs of admit records', make: admits, codes: [5] },
  { name: 'chains of a session', make: chains, codes: [1] },
  { name: 'all of the chains of a session', make: chains, codes: [1], options: { all: true } },
  { name: 'joins of one chain', make: joins, codes: [1], options: { all: true } },
  { name: 'forks of every record', make: forks, codes: [5], options: { all: true } },
  { name: 'one leaf attached again and again', make: repeated, codes: [1] },
  { name: 'neighbours without end', make: neighbours, codes: [1, 2] },
];

/** Of one leaf in a log whose bundle has `bytes`. */
function proofBytes(bytes: number): number {
  return 47 * Math.ceil(Math.log2(bytes / 700));
}

/** The last part is not what its record is committed to. */
function spoilt(log: HostileLog, chain: string) {
  const made = log.chain(chain);
  const last = made.parts.at(-1)!;
  return { ...made, parts: [...made.parts.slice(0, -1), { ...last, data: Buffer.from('y') }] };
}

function rangeOf(log: HostileLog, attached: number[], chain = spoilt(log, 's1/b1')): Buffer {
  const claim = { ...RANGE, last: chain.records.length - 1 };
  return log.bundle(claim, [], attached, { chains: [chain] });
}

function tinyRecords(bytes: number): Buffer {
  const log = new HostileLog();
  for (let at = 0; at < bytes; at += RECORD_BYTES) log.add('s1/b1', 'x');
  log.add('s1/b1', 'x', {}, PART);
  return rangeOf(log, []);
}

function losses(bytes: number): Buffer {
  const log = new HostileLog();
  for (let at = 0; at < bytes; at += LOSS_BYTES) log.add('s1/b1', 'telemetry.drop');
  log.add('s1/b1', 'x', {}, PART);
  const claim = { type: 'session', session: 's1' } as const;
  log.add('s1/sup', 'open');
  log.add('s1/sup', 'join', { target: { chain: 's1/b1', first: firstOf(log, 's1/b1') } });
  return log.bundle(claim, ['s1/sup'], [], { chains: [log.chain('s1/sup'), spoilt(log, 's1/b1')] });
}

function firstOf(log: HostileLog, chain: string): string {
  return log.leafAt(chain, 0).toString('base64');
}

function redactions(bytes: number): Buffer {
  const log = new HostileLog();
  const attached: number[] = [];
  for (let at = 0; at < bytes; at += REDACTED_BYTES + proofBytes(bytes)) {
    const { seq } = log.add('s1/b1', 'x', {}, PART);
    const target = { chain: 's1/b1', part: 'p', seq };
    const fields = { by: 'a', reason: 'r', target, until: '1764000000000000000' };
    attached.push(log.add(AUDIT, 'redact', fields).index);
  }
  log.add('s1/b1', 'x', {}, PART);
  return rangeOf(log, attached, { ...log.chain('s1/b1'), parts: [] });
}

function expiries(bytes: number): Buffer {
  const log = new HostileLog();
  const attached: number[] = [];
  for (let at = 0; at < bytes; at += EXPIRED_BYTES + proofBytes(bytes)) {
    log.add('s1/b1', 'x', {}, PART);
    const fields = { target: { below: 0, part: '*' }, until: '1764000000000000000' };
    attached.push(log.add(AUDIT, 'expire', fields).index);
  }
  return rangeOf(log, attached, { ...log.chain('s1/b1'), parts: [] });
}

function manyParts(bytes: number): Buffer {
  const log = new HostileLog();
  const names = Array.from({ length: 900 }, (_, i) => [`p${i}`, Buffer.alloc(0)] as const);
  const parts = Object.fromEntries(names);
  for (let at = PARTS_BYTES; at < bytes; at += PARTS_BYTES) log.add('s1/b1', 'x', {}, parts);
  return rangeOf(log, []);
}

/** Runs of every chain in every admit record; only the very last is above its head. */
function admits(bytes: number): Buffer {
  const log = new HostileLog();
  const names = Array.from({ length: 300 }, (_, i) => `s1/b${String(i).padStart(4, '0')}`);
  for (const name of names) log.add(name, 'x');
  const run = { observed: '1764000000000000000', peer: 'unix', sandbox: 's', via: 'opp' };
  const runs = names.map((chain) => ({ ...run, chain, first: 0, last: 0, vantage: 'guest' }));
  const attached: number[] = [];
  for (let at = 300 * (CHAIN_BYTES + 2 * proofBytes(bytes)); at < bytes; at += ADMIT_BYTES) {
    attached.push(log.add('log/admit', 'admit', { runs }).index);
  }
  const above = [{ ...runs.at(-1)!, last: 1 }];
  attached.push(log.add('log/admit', 'admit', { runs: above }).index);
  return log.bundle({ type: 'event', index: attached[0]! }, names, attached);
}

/** Every chain but the last is joined. */
function chains(bytes: number): Buffer {
  const log = new HostileLog();
  log.add('s1/sup', 'open');
  const names = ['s1/sup'];
  const chainBytes = CHAIN_BYTES + 2 * proofBytes(bytes);
  for (let at = 0; at < bytes; at += chainBytes) {
    const name = `s1/b${String(names.length).padStart(6, '0')}`;
    const { leaf } = log.add(name, 'x');
    names.push(name);
    const target = { chain: name, first: leaf.toString('base64') };
    if (at + chainBytes < bytes) log.add('s1/sup', 'join', { target });
  }
  return log.bundle({ type: 'session', session: 's1' }, names, []);
}

function joins(bytes: number): Buffer {
  const log = new HostileLog();
  log.add('s1/sup', 'open');
  const { leaf } = log.add('s1/b1', 'x');
  const target = { chain: 's1/b1', first: leaf.toString('base64') };
  for (let at = 0; at < bytes; at += JOIN_BYTES) log.add('s1/sup', 'join', { target });
  return log.bundle({ type: 'session', session: 's1' }, ['s1/sup', 's1/b1'], []);
}

/** For each record of the chain another one with its `seq` is attached. */
function forks(bytes: number): Buffer {
  const log = new HostileLog();
  const attached: number[] = [];
  for (let at = 0; at < bytes; at += FORKED_BYTES + proofBytes(bytes)) {
    log.add('s1/b1', 'x');
    attached.push(log.append(Buffer.from(log.texts.at(-1)!.toString().replace('"x"', '"y"'))));
  }
  return rangeOf(log, attached, log.chain('s1/b1'));
}

/** The last one's proof is that of another leaf. */
function repeated(bytes: number): Buffer {
  const log = new HostileLog();
  const [first, second] = [log.add('s1/b1', 'x').index, log.add('s1/b1', 'x').index];
  const one = log.leaf(first);
  const attached = new Array<typeof one>(Math.floor(bytes / REPEATED_BYTES)).fill(one);
  attached.push({ ...one, proof: log.leaf(second).proof });
  return log.bundle({ type: 'event', index: first }, [], [], { attached });
}

function neighbours(bytes: number): Buffer {
  const log = new HostileLog();
  log.add('s1/b1', 'x');
  const one = { leaf: Buffer.from('{}'), index: 0, proof: [] };
  const many = new Array<typeof one>(Math.floor(bytes / NEIGHBOUR_BYTES)).fill(one);
  return log.bundle({ type: 'absent', session: 's2' }, [], [], { neighbours: many });
}
