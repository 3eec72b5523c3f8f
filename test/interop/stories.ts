/**
 * Logs with validly signed nonsense: a sound story of a session, a few of its lines changed at
 * random, then sealed, signed and exported. What comes out reaches the steps behind the signature.
 */
import type { JsonObject } from '@vitrine/schema';
import { type BundleJson, writeJson } from '../attacks/file.ts';
import { ForgedLog, KEY, ORIGIN, START_S } from '../attacks/forge.ts';
import type { Subject, VerifyArgs } from '../attacks/row.ts';
import type { Random } from './random.ts';

interface Line {
  chain: string;
  kind: string;
  fields?: JsonObject;
  parts?: Record<string, string>;
}

const TRUST = `log ${KEY.vkey}\nquorum none\n`;
const NOW = `${START_S + 100_000}000000000`;
const CHAINS = ['s1/b1', 's1/b2', 's1/in', 's1/sup', 's2/b1', 's1/zz', 'log/admit', 'log/audit'];
const KINDS = [
  ...['open', 'join', 'end', 'close', 'gap', 'conflict', 'broken', 'telemetry.drop', 'file.read'],
  ...['telemetry.gap', 'redact', 'expire', 'admit', 'seal'],
];
/** `FIRST b1` and `LAST b1` stand for the hash of that record when the line is written. */
const FIELDS: Record<string, unknown[]> = {
  chain: [...CHAINS, 's1', '', 'log', 5, null],
  first: ['FIRST s1/b1', 'FIRST s1/b2', 'LAST s1/b1', 'x', 0],
  head: ['LAST s1/b1', 'LAST s1/b2', 'FIRST s1/b1', 'x', null],
  seq: [0, 1, 2, 3, 7, -1, 'x', null],
  state: ['closed', 'lost', 'other', null],
  reason: ['runtime', 'idle', 'end', 'other', null],
  part: ['p', 'q', '*', 'r', 5],
  below: [0, 1, 4, 9, 40, -1, 'x'],
  last: [0, 1, 2, 5, 99, 'x'],
  target: [{}, null, [], 'x'],
  previous: [
    {},
    null,
    'x',
    { chain: 's1/b1', seq: 9, head: 'LAST s1/b1' },
    ...[
      { chain: 's0/b1', seq: 1 },
      { chain: 's1/b1', seq: 0, head: 'FIRST s1/b1' },
    ],
  ],
  broken: [true, false, 'x'],
  runs: [[], null, [{}], [5], [{ chain: 's1/b2', first: 0, last: 99 }]],
};

function soundStory(random: Random): Line[] {
  const lines: Line[] = [
    { chain: 's1/sup', kind: 'open' },
    { chain: 's1/sup', kind: 'join', fields: { target: { chain: 's1/b1', first: 'FIRST s1/b1' } } },
    { chain: 's1/b1', kind: 'telemetry.hello' },
    { chain: 's1/b1', kind: 'file.read', parts: { p: 'one', q: 'two' } },
    { chain: 'log/admit', kind: 'admit', fields: { runs: [run('s1/b1', 1)] } },
    { chain: 's1/b1', kind: 'file.read', parts: random.once(2) ? { p: 'three' } : {} },
    { chain: 's2/sup', kind: 'open' },
    {
      chain: 's1/sup',
      kind: 'end',
      fields: { state: 'closed', target: { chain: 's1/b1', seq: 2, head: 'LAST s1/b1' } },
    },
  ];
  if (random.once(2)) return [...lines, ...secondChain(random)];
  return random.once(3) ? lines : [...lines, close()];
}

function secondChain(random: Random): Line[] {
  const previous = { chain: 's1/b1', seq: 2, head: 'LAST s1/b1' };
  const lines: Line[] = [
    { chain: 's1/sup', kind: 'join', fields: { target: { chain: 's1/b2', first: 'FIRST s1/b2' } } },
    { chain: 's1/b2', kind: 'telemetry.hello', fields: { previous } },
    { chain: 's1/b2', kind: 'file.read', parts: { r: 'x' } },
    {
      chain: 'log/audit',
      kind: 'expire',
      fields: { target: { below: random.below(20), part: '*' } },
    },
  ];
  if (random.once(2)) return lines;
  const target = { chain: 's1/b2', seq: 1, head: 'LAST s1/b2' };
  return [...lines, { chain: 's1/sup', kind: 'end', fields: { state: 'lost', target } }, close()];
}

function run(chain: string, last: number): JsonObject {
  return { chain, first: 0, last };
}

function close(): Line {
  return { chain: 's1/sup', kind: 'close', fields: { reason: 'runtime' } };
}

function spoiled(lines: Line[], random: Random): Line[] {
  const copy = structuredClone(lines);
  for (let left = random.pick([0, 0, 1, 1, 2, 3]); left > 0; left -= 1) {
    const at = random.below(copy.length);
    const line = copy[at]!;
    switch (random.below(7)) {
      case 0:
        copy.splice(at, 1);
        break;
      case 1:
        copy.splice(random.below(copy.length), 0, structuredClone(line));
        break;
      case 2:
        copy.splice(random.below(copy.length), 0, ...copy.splice(at, 1));
        break;
      case 3:
        line.kind = random.pick(KINDS);
        break;
      case 4:
        line.chain = random.pick(CHAINS);
        break;
      case 5:
        copy.splice(at, 0, { chain: random.pick(CHAINS), kind: random.pick(KINDS) });
        break;
      default:
        spoilField(line, random);
    }
    if (copy.length === 0) return lines;
  }
  return copy;
}

function spoilField(line: Line, random: Random): void {
  const name = random.pick(Object.keys(FIELDS));
  const value = structuredClone(random.pick(FIELDS[name]!)) as JsonObject;
  line.fields ??= {};
  const { fields } = line;
  const isTarget = ['chain', 'first', 'head', 'seq', 'part', 'below'].includes(name);
  if (!isTarget) fields[name] = value;
  else if (name !== 'seq' || fields.target !== undefined) {
    const target = fields.target;
    fields.target = {
      ...(typeof target === 'object' ? (target as JsonObject) : {}),
      [name]: value,
    };
  }
}

/** Writes the lines; hashes of records that come later are known by writing twice. */
function written(lines: Line[], random: Random): ForgedLog {
  const isEarly = random.below(lines.length);
  let [log, before] = [new ForgedLog(), new ForgedLog()];
  for (let pass = 0; pass < 2; pass += 1) {
    before = log;
    log = new ForgedLog();
    for (const [at, { chain, kind, fields = {}, parts = {} }] of lines.entries()) {
      log.add(chain, kind, filled(fields, before, log), parts);
      if (at === isEarly) log.seal();
    }
  }
  return log;
}

function filled(fields: JsonObject, before: ForgedLog, log: ForgedLog): JsonObject {
  const text = JSON.stringify(fields).replace(/"(FIRST|LAST) ([^"]+)"/g, (_, which, chain) => {
    const records = log.records.get(chain) ?? before.records.get(chain) ?? [];
    const leaf = records.at(which === 'FIRST' ? 0 : -1)?.leaf ?? Buffer.alloc(32);
    return JSON.stringify(leaf.toString('base64'));
  });
  return JSON.parse(text) as JsonObject;
}

export function forgedSubject(random: Random): Subject {
  const log = written(spoiled(soundStory(random), random), random);
  const open = log.openHeads();
  if (random.once(6)) open.splice(random.below(open.length + 1), 1);
  const heads = random.once(6) ? null : open;
  log.seal({
    heads,
    ...(random.once(2) ? { day: '2025-11-24' } : {}),
    change: random.once(12) ? random.pick(SEAL_CHANGES) : {},
  });
  const bundle = claimed(log, heads?.length ?? 0, random);
  const more = [...log.leaves.keys()].filter(() => random.once(3));
  bundle.attached.push(...more.map((index) => log.leaf(index)));
  if (random.once(3)) thin(bundle, log, random);
  return { bundle: writeJson(bundle), args: wish(random) };
}

const SEAL_CHANGES: JsonObject[] = [
  ...[{ n: 0 }, { prev: null }, { first: 0 }, { count: 1 }, { src: null }, { t: '0' }, { x: 1 }],
  ...[{ t: '99999999999999999999' }, { heads: { root: 'x', size: 1 } }, { day: '2025-11-24' }],
  ...[{ days: null }, { v: 2 }, { kind: 'close' }, { heads: { size: 1 } }, { t: '01' }],
];

function claimed(log: ForgedLog, heads: number, random: Random): BundleJson {
  switch (random.below(8)) {
    case 0: {
      const chain = random.pick([...log.records.keys()]);
      const last = log.last(chain).seq;
      const first = random.below(last + 1);
      return log.range(
        chain,
        first,
        random.once(4) ? last : first + random.below(last - first + 1),
      );
    }
    case 1:
      return log.bundle({ type: 'event', index: random.below(log.leaves.length) });
    case 2:
    case 3: {
      const session = random.pick(['s1', 's2', 's3', 'a', 'log', 's1.']);
      const claim: JsonObject = random.once(2)
        ? { type: 'absent', session }
        : { type: 'inactive', session, day: random.pick(['2025-11-24', '2025-11-25']) };
      const index = random.below(heads + 1) - 1;
      const near = [index, index + 1].filter((at) => at >= 0 && at < heads);
      const attached = random.once(6) ? [] : [log.leaf(log.leaves.length - 1)];
      const neighbours = near.map((at) => log.neighbour(at));
      return log.bundle(claim, random.once(8) ? { attached } : { attached, neighbours });
    }
    default:
      return log.session(random.pick(['s1', 's1', 's1', 's1', 's2', 'log']));
  }
}

/** Leaves something out, as an exporter that hides something does. */
function thin(bundle: BundleJson, log: ForgedLog, random: Random): void {
  const [chain] = bundle.chains.splice(random.below(bundle.chains.length + 1), 1);
  if (chain === undefined || random.once(3)) return;
  const { length } = chain.records;
  const first = chain.first + (random.once(3) ? random.below(length) : 0);
  const last = chain.first + (random.once(2) ? random.below(length) : length - 1);
  if (first > last) return;
  const other = log.chain(chain.chain, first, last);
  if (random.once(2)) other.parts = null;
  if (other.parts && random.once(2)) delete other.parts[random.pick(Object.keys(other.parts))];
  if (random.once(2)) delete other.head;
  bundle.chains.push(other);
  bundle.chains.sort((a, b) => (a.chain < b.chain ? -1 : 1));
}

function wish(random: Random): VerifyArgs {
  return {
    trust: TRUST,
    now: NOW,
    ...(random.once(4) ? { requireClosed: true } : {}),
    ...(random.once(4) ? { requireLossless: true } : {}),
    ...(random.once(4) ? { requireParts: true } : {}),
    ...(random.once(20) ? { expect: random.pick([{ origin: ORIGIN }, { session: 's1' }]) } : {}),
  };
}
