/**
 * The records of one thread, put together: a call with its names and the directories they are
 * relative to, or a program that is about to run with its arguments. A call that a lost record left
 * without its end is given up when the next one begins.
 */
import { nameOf } from './record.ts';

export interface Call {
  letter: 'C' | 'K';
  name: string;
  nsecs: string;
  pid: number;
  result: number;
  /** Flags or a mode; the descriptor of a socket call. */
  number: number;
  path?: string;
  /** Where `path` is relative to; as far as it is known. */
  base?: string;
  second?: string;
  secondBase?: string;
  /** What a descriptor leads to. */
  real?: string;
  lossy: boolean;
  /** A socket address: its first bytes in words, and how many of them count. */
  words: bigint[];
  length: number;
}

export interface Program {
  file: string;
  argv: string[];
  /** There were more arguments. */
  cut: boolean;
  base: string | undefined;
}

type Target = 'B' | 'M' | 'F';

/** Names of a walk that a hostile or broken stream may pile up. */
const WALK_NAMES_MAX = 64;

export class Thread {
  #call: Call | undefined;
  #program: Program | undefined;
  #walk: { target: Target; names: string[] } | undefined;

  /** The finished call, with its last record. */
  take(letter: string, fields: string[]): Call | undefined {
    if (letter === 'D') this.#step(fields[1] ?? '');
    else if (letter === 'R') this.#arrive();
    else if (letter === 'B' || letter === 'M' || letter === 'F') {
      this.#walk = { target: letter, names: [] };
    } else if (letter === 'X') this.#begin(fields[1] ?? '');
    else if (letter === 'A') this.#argument(fields);
    else if (letter === 'C') this.#call = callOf(fields);
    else if (letter === 'K') this.#call = socketOf(fields);
    else if (letter === 'E') return this.#end();
    else this.#named(letter, nameOf(fields[1] ?? ''));
    return undefined;
  }

  /** The program this thread was about to run, once. */
  begun(): Program | undefined {
    const program = this.#program;
    this.#program = undefined;
    return program;
  }

  #begin(file: string): void {
    this.#call = undefined;
    this.#program = { file: nameOf(file).text, argv: [], cut: false, base: undefined };
  }

  #argument([, text]: string[]): void {
    const program = this.#program;
    if (program === undefined) return;
    if (text === undefined || program.argv.length >= WALK_NAMES_MAX) program.cut = true;
    else program.argv.push(nameOf(text).text);
  }

  #named(letter: string, { text, lossy }: { text: string; lossy: boolean }): void {
    const call = this.#call;
    if (call === undefined) return;
    if (lossy) call.lossy = true;
    if (letter === 'N') call.second = text;
    else if (letter === 'V') call.path = `@${text}`;
    else if (letter === 'U' && text !== '') call.path = text;
  }

  #step(name: string): void {
    const names = this.#walk?.names;
    if (names === undefined || names.length >= WALK_NAMES_MAX) return;
    const { text, lossy } = nameOf(name);
    if (lossy && this.#call !== undefined) this.#call.lossy = true;
    names.push(text);
  }

  /** At the root: what the walk was about is known. One that was cut short says nothing. */
  #arrive(): void {
    const walk = this.#walk;
    this.#walk = undefined;
    if (walk === undefined) return;
    const path = `/${walk.names.reverse().join('/')}`;
    const call = this.#call;
    if (call === undefined) {
      if (this.#program !== undefined && walk.target === 'B') this.#program.base = path;
    } else if (walk.target === 'B') call.base = path;
    else if (walk.target === 'M') call.secondBase = path;
    else call.real = path;
  }

  #end(): Call | undefined {
    const call = this.#call;
    this.#call = undefined;
    this.#walk = undefined;
    return call;
  }
}

function callOf(fields: string[]): Call {
  const [name = '', nsecs = '', pid, , result, number, path = ''] = fields;
  const { text, lossy } = nameOf(path);
  return { ...plain('C', name, nsecs), ...numbers(pid, result, number), path: text, lossy };
}

function socketOf(fields: string[]): Call {
  const [name = '', nsecs = '', pid, , result, number, length, ...words] = fields;
  return {
    ...plain('K', name, nsecs),
    ...numbers(pid, result, number),
    length: Math.min(Number(length) || 0, SOCKET_BYTES),
    words: words.slice(0, SOCKET_WORDS).map(wordOf),
  };
}

const SOCKET_WORDS = 4;
const SOCKET_BYTES = 32;

function wordOf(text: string): bigint {
  return /^[0-9a-f]{1,16}$/.test(text) ? BigInt(`0x${text}`) : 0n;
}

function plain(letter: Call['letter'], name: string, nsecs: string): Call {
  return {
    letter,
    name,
    nsecs,
    pid: 0,
    result: 0,
    number: 0,
    lossy: false,
    words: [],
    length: 0,
  };
}

function numbers(pid?: string, result?: string, number?: string) {
  return { pid: Number(pid) || 0, result: Number(result) || 0, number: Number(number) || 0 };
}
