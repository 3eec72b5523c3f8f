/**
 * Lines of `strace -f -ttt -yy -o FILE` as calls and process ends. Joins the two halves of a call
 * that another thread's line cut in two. Nothing is thrown: a line that is none is returned as
 * such.
 */
import { endOfArguments } from './argument.ts';

export interface StraceCall {
  type: 'call';
  /** Thread, as the host numbers it. */
  tid: number;
  /** Unix nanoseconds of the call's entry. */
  t: string;
  name: string;
  /** Arguments as printed, between the outer parentheses. */
  args: string;
  /** As printed behind `=`, with annotation and errno; `?` when the call never returned. */
  result: string;
  /** `EACCES` … */
  errno?: string;
  /** The whole call as one line, halves joined. */
  raw: string;
}

export interface StraceEnd {
  type: 'end';
  tid: number;
  t: string;
  /** Exit code, or else the name of the signal. */
  code?: number;
  signal?: string;
  raw: string;
}

export interface StraceOdd {
  type: 'odd';
  raw: string;
}

/**
 * `half`: the rest of the call is still to come. `moved`: the thread has taken the number of its
 * process. `note`: a signal, not of interest.
 */
export type StraceLine =
  | StraceCall
  | StraceEnd
  | StraceOdd
  | { type: 'moved'; tid: number }
  | { type: 'half' }
  | { type: 'note' };

const HEAD = /^(?:\[pid +)?(\d+)\]? +(\d+)\.(\d{1,9}) +(.*)$/s;
const CUT = /^(.*) <(?:unfinished|pid changed to (\d+)) \.\.\.>$/s;
const RESUMED = /^<\.\.\. (\w+) resumed>(.*)$/s;
const CALL = /^(\w+)\(/;
const RESULT = /^\s+= (\?|-?\d+|0x[0-9a-f]+)(.*)$/s;
const ERRNO = /^ (E[A-Z0-9]+) \(/;
const END = /^\+\+\+ (?:exited with (\d+)|killed by (\w+)(?: \(core dumped\))?) \+\+\+$/;
const SUPERSEDED = /^\+\+\+ superseded by execve in pid (\d+) \+\+\+$/;

interface Half {
  t: string;
  text: string;
}

export class LineReader {
  /** Calls that have begun and not returned, by thread. */
  readonly #halves = new Map<number, Half>();

  read(line: string): StraceLine {
    const head = HEAD.exec(line);
    if (head === null) return { type: 'odd', raw: line };
    const tid = Number(head[1]);
    const t = head[2]! + head[3]!.padEnd(9, '0');
    const rest = head[4]!;
    const first = rest.charCodeAt(0);
    if (first === PLUS) return this.#end(line, tid, t, rest);
    if (first === MINUS) return { type: 'note' };
    const cut = rest.endsWith('...>') ? CUT.exec(rest) : null;
    if (cut !== null) {
      // A thread that calls execve takes the number of its process.
      this.#halves.set(Number(cut[2] ?? tid), { t, text: cut[1]! });
      return { type: 'half' };
    }
    if (first !== LESS) return callOf(tid, t, rest, line);
    const resumed = RESUMED.exec(rest);
    const half = this.#halves.get(tid);
    if (resumed === null || half === undefined) return { type: 'odd', raw: line };
    this.#halves.delete(tid);
    const whole = half.text + resumed[2]!;
    return callOf(tid, half.t, whole, `${tid} ${seconds(half.t)} ${whole}`);
  }

  /** Threads whose call has begun: one of them may have made a process that is heard of first. */
  *pending(): Iterable<{ tid: number; text: string }> {
    for (const [tid, { text }] of this.#halves) yield { tid, text };
  }

  #end(line: string, tid: number, t: string, rest: string): StraceLine {
    const end = END.exec(rest);
    if (end === null) {
      const gone = SUPERSEDED.exec(rest)?.[1];
      return gone === undefined ? { type: 'odd', raw: line } : { type: 'moved', tid: Number(gone) };
    }
    this.#halves.delete(tid);
    const raw = line;
    if (end[1] !== undefined) return { type: 'end', tid, t, code: Number(end[1]), raw };
    return { type: 'end', tid, t, signal: end[2]!, raw };
  }
}

const PLUS = 0x2b;
const MINUS = 0x2d;
const LESS = 0x3c;

function callOf(tid: number, t: string, text: string, raw: string): StraceCall | StraceOdd {
  const name = CALL.exec(text)?.[1];
  if (name === undefined) return { type: 'odd', raw };
  // Names chosen by the agent may contain anything, a false result too: only the real end counts.
  const end = endOfArguments(text, name.length + 1);
  const result = RESULT.exec(text.slice(end + 1));
  if (result === null) return { type: 'odd', raw };
  const args = text.slice(name.length + 1, end);
  const found: StraceCall = {
    type: 'call',
    tid,
    t,
    name,
    args,
    result: result[1]! + result[2]!,
    raw,
  };
  const errno = result[1] === '-1' || result[1] === '?' ? ERRNO.exec(result[2]!)?.[1] : undefined;
  if (errno !== undefined) found.errno = errno;
  return found;
}

function seconds(t: string): string {
  return `${t.slice(0, -9)}.${t.slice(-9, -3)}`;
}
