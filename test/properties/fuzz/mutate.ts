/**
 * Changes texts the way an attacker would who knows the grammars: bits, splices, lines twice,
 * numbers out of range, nesting, odd Unicode. The same seed gives the same inputs.
 */

export type Random = (below: number) => number;

/** Marsaglia's xorshift32; `below` is at most 2^32. */
export function randomOf(seed: number): Random {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

const TOKENS = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\n',
    '\r\n',
    '\n\n',
    ' ',
    '\t',
    '\0',
    '—',
    '— ',
    '=',
  ],
  ...['null', 'true', '{}', '[]', '""', '"a":1,', '"__proto__":{}', '"constructor":0', '"v":1,'],
  ...['-0', '0', '00', '1.0', '1e3', '1E400', '-1', '9007199254740991', '9007199254740992'],
  ...['9'.repeat(400), '-9007199254740992', '0x10', 'NaN', 'Infinity', '１'],
  ...['\\u0041', '\\ud800', '\\udc00', '\\ud83d\\ude00', '\\u0000', '\\/', '\\b', '\\x41', '\\n'],
  ...['\u{1f0a1}', '\u00e9', 'e\u0301', '\u200b', '\u202e', '\u2028', '\u00a0', '\ufeff', '\u0085'],
  ...['[', '{"a":', '[{"b":'].map((open) => open.repeat(20)),
  ...['log ', 'witness ', 'group ', 'quorum none\n', 'quorum ', '#vitrine interval ', 'any ', '+'],
  ...['AAAA', 'A'.repeat(44), `${'A'.repeat(43)}=`, 'AAAAAAB=', '====', 'any', 'all', 'none'],
].map((token) => Buffer.from(token));
/** Bytes that no UTF-8 has: cut, overlong, a surrogate, beyond the last character. */
const NOT_UTF8 = ['80', 'c0af', 'e28094'.slice(0, 4), 'eda080', 'f4908080', 'ff'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

const CHANGES = [flip, insertToken, cut, repeat, splice, repeatLine, swapLines, insertNoUtf8];

/** `input` with up to four changes; a copy. None at all in one of eight. */
export function mutate(random: Random, input: Buffer, others: Buffer[]): Buffer {
  let changed = input;
  if (random(8) === 0) return Buffer.from(input);
  for (let left = 1 + random(4); left > 0; left--) {
    changed = CHANGES[random(CHANGES.length)]!(random, changed, others);
  }
  return changed;
}

function flip(random: Random, input: Buffer): Buffer {
  const flipped = Buffer.from(input);
  if (flipped.length > 0) flipped[random(flipped.length)]! ^= 1 << random(8);
  return flipped;
}

function insertToken(random: Random, input: Buffer): Buffer {
  return replace(random, input, TOKENS[random(TOKENS.length)]!, random(2) * random(8));
}

function insertNoUtf8(random: Random, input: Buffer): Buffer {
  return replace(random, input, NOT_UTF8[random(NOT_UTF8.length)]!, 0);
}

function cut(random: Random, input: Buffer): Buffer {
  return replace(random, input, Buffer.alloc(0), 1 + random(random(8) === 0 ? 200 : 4));
}

function repeat(random: Random, input: Buffer): Buffer {
  const at = random(input.length + 1);
  return replace(random, input, input.subarray(at, at + 1 + random(60)), 0);
}

function splice(random: Random, input: Buffer, others: Buffer[]): Buffer {
  const other = others[random(others.length)]!;
  const at = random(input.length + 1);
  return Buffer.concat([input.subarray(0, at), other.subarray(random(other.length + 1))]);
}

function repeatLine(random: Random, input: Buffer): Buffer {
  const lines = linesOf(input);
  const line = lines[random(lines.length)]!;
  lines.splice(random(lines.length + 1), 0, line);
  return Buffer.concat(lines);
}

function swapLines(random: Random, input: Buffer): Buffer {
  const lines = linesOf(input);
  const [a, b] = [random(lines.length), random(lines.length)];
  [lines[a], lines[b]] = [lines[b]!, lines[a]!];
  return Buffer.concat(lines);
}

/** With their ends; where there is one line only, commas part it. */
function linesOf(input: Buffer): Buffer[] {
  const end = input.indexOf(10) === -1 ? ','.charCodeAt(0) : 10;
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = input.indexOf(end); at !== -1; at = input.indexOf(end, from)) {
    lines.push(input.subarray(from, at + 1));
    from = at + 1;
  }
  return [...lines, input.subarray(from)];
}

function replace(random: Random, input: Buffer, by: Buffer, length: number): Buffer {
  const at = random(input.length + 1);
  return Buffer.concat([input.subarray(0, at), by, input.subarray(at + length)]);
}
