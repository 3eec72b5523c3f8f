/**
 * Bundles that are hostile as text: a sound one in which one value is grown until the file has its
 * size. None of it needs a key.
 */
import { HostileLog } from './log.ts';
import type { Trap } from './signed.ts';

const { frame, note } = sample();

const MALFORMED = [2];
/** Well-formed, but not what is signed. */
const OTHER = [1, 2, 3, 4];
/** Blanks between tokens are JSON, and say nothing. */
const SOUND = [0];

export const TEXT_TRAPS: Trap[] = [
  // Ten million lines of six bytes are 60 of the 64 MiB.
  grown('ten million signature lines', '"checkpoint"', `"${note}`, '— \\n', '"', MALFORMED),
  grown(
    'well-formed signature lines',
    '"checkpoint"',
    `"${note}`,
    '— a AAAAAAA=\\n',
    '"',
    MALFORMED,
  ),
  grown('lines in a note', '"checkpoint"', '"', 'a\\n', '"', MALFORMED),
  // Beyond what a note may have it is malformed; below it, nobody's log.
  grown('a huge origin', '"checkpoint"', '"', 'a', `${note}"`, [2, 4]),
  grown(
    'a huge size in the note',
    '"checkpoint"',
    '"a\\n',
    '9',
    '\\nAAAA\\n\\n— a AAAAAAA=\\n"',
    MALFORMED,
  ),
  grown('arrays in arrays', '"chains"', '', '[', ''),
  grown('objects in objects', '"claim"', '', '{"type":', ''),
  grown('balanced arrays', '"attached"', '', '[', ''),
  grown('depth in a record', '"records"', '["', '[', '"]', OTHER),
  grown('a huge integer', '"first"', '', '9', ''),
  grown('a huge negative integer', '"first"', '-', '9', ''),
  grown('a huge fraction', '"first"', '0.', '9', ''),
  grown('a huge exponent', '"first"', '1e', '9', ''),
  grown('zeros before an integer', '"first"', '', '0', ''),
  grown('a huge name of a chain', '"chain"', '"', 'a', '"', MALFORMED),
  grown('a huge record', '"records"', '["', 'a', '"]', OTHER),
  grown('a huge escaped record', '"records"', '["', '\\u0041', '"]', OTHER),
  grown('lone surrogates', '"records"', '["', '\\ud800', '"]'),
  grown('a string without an end', '"records"', '["', 'a', ''),
  grown('characters of four bytes', '"records"', '["', '🂡', '"]', OTHER),
  grown('a huge part', '"data"', '"', 'AAAA', '"', OTHER),
  grown('a huge salt', '"salt"', '"', 'AAAA', '"'),
  grown('a huge hash of a proof', '"proof"', '["', 'AAAA', '"]'),
  grown('a million proof hashes', '"proof"', '[', `"${'A'.repeat(43)}=",`, '""]'),
  grown('empty proof hashes', '"proof"', '[', '"",', '""]'),
  grown('a million empty records', '"records"', '[', '"",', '""]', OTHER),
  grown('a million records without members', '"records"', '[', '"{}",', '""]', OTHER),
  grown('nulls for records', '"records"', '[', 'null,', 'null]'),
  grown('a million duplicate keys', '"claim"', '{', '"type":"event",', '"index":0}'),
  grown('duplicate keys of parts', '"parts"', '{', '"0":{},', '"0":{}}'),
  numbered('a million keys', '"parts"', '{', (i) => `"${i}":{},`, '"x":{}}'),
  numbered('unknown members', '"claim"', '{', (i) => `"${i}":0,`, '"x":0}'),
  numbered('chains without end', '"chains"', '[', aChain, 'null]'),
  numbered('attached leaves without end', '"attached"', '[', anAttached, 'null]'),
  grown('commas', '"attached"', '[', ',', ']'),
  grown('blanks', '"attached"', '', ' ', '[]', SOUND),
  whole('zero bytes', '\0'),
  whole('blanks alone', ' '),
  whole('quotes', '"'),
  whole('backslashes in a string', '"\\\\'),
  { name: 'bytes that are no UTF-8', make: (bytes) => Buffer.alloc(bytes, 0xff), codes: MALFORMED },
];

function aChain(i: number): string {
  const name = `s1/${String(i).padStart(8, '0')}`;
  return `{"chain":"${name}","first":0,"parts":null,"records":[],"tip":{"index":0,"proof":[]}},`;
}

function anAttached(i: number): string {
  return `{"index":${i},"proof":[],"record":"{}"},`;
}

/** The value of the first member `key` becomes `before`, `unit` as often as fits, `after`. */
function grown(
  name: string,
  key: string,
  before: string,
  unit: string,
  after: string,
  codes = MALFORMED,
): Trap {
  const size = Buffer.byteLength(unit);
  const make = (bytes: number): Buffer => {
    const [head, tail] = around(key, before, after);
    const times = Math.floor((bytes - head.length - tail.length) / size);
    return Buffer.concat([head, Buffer.alloc(times * size, unit), tail]);
  };
  return { name, make, codes };
}

/** As `grown`, with units that differ. */
function numbered(
  name: string,
  key: string,
  before: string,
  unit: (i: number) => string,
  after: string,
): Trap {
  const make = (bytes: number): Buffer => {
    const [head, tail] = around(key, before, after);
    const units: string[] = [];
    let left = bytes - head.length - tail.length;
    for (let i = 0; left > 0; i++) left -= units[units.push(unit(i)) - 1]!.length;
    return Buffer.concat([head, Buffer.from(units.slice(0, -1).join('')), tail]);
  };
  return { name, make, codes: MALFORMED };
}

function whole(name: string, unit: string): Trap {
  return { name, make: (bytes) => Buffer.alloc(bytes, unit), codes: MALFORMED };
}

function around(key: string, before: string, after: string): [Buffer, Buffer] {
  const at = frame.indexOf(`${key}:`) + key.length + 1;
  const end = endOf(frame, at);
  return [Buffer.from(frame.slice(0, at) + before), Buffer.from(after + frame.slice(end))];
}

/** Where the JSON value that begins at `at` ends. */
function endOf(text: string, at: number): number {
  for (let end = at + 1; end <= text.length; end++) {
    if (!',]}'.includes(text[end]!)) continue;
    try {
      JSON.parse(text.slice(at, end));
      return end;
    } catch {
      // Not all of it yet.
    }
  }
  throw new Error(`no value at ${at}`);
}

/** A sound bundle with every kind of member, and its note without the last quote. */
function sample(): { frame: string; note: string } {
  const log = new HostileLog();
  log.add('s1/b1', 'x', {}, { p: Buffer.from('x') });
  log.add('s1/b2', 'x');
  const claim = { type: 'range', chain: 's1/b1', first: 0, last: 0 } as const;
  const bundle = log.bundle(claim, ['s1/b1'], [1]).toString();
  const { checkpoint } = JSON.parse(bundle) as { checkpoint: string };
  return { frame: bundle, note: JSON.stringify(checkpoint).slice(1, -1) };
}
