/**
 * Lines of the sentry's own `--strace` log as JSON: the calls of which the sink says no path. Names
 * stand in it as they are, so one with a comma and an address in it can be told from two names only
 * by a guess; such a call is marked. Nothing is thrown.
 */

export interface LoggedCall {
  /** Process and thread, as the sandbox numbers them. */
  pid: number;
  tid: number;
  name: string;
  /** Unix nanoseconds of the call's return. */
  t: string;
  errno: number;
  args: CallArguments;
}

export interface CallArguments {
  /** Directory a path is relative to: as printed, absent where the call has none. */
  dir?: string;
  path?: string;
  toDir?: string;
  toPath?: string;
  argv?: string[];
  /** The working directory, where the call shows it. */
  cwd?: string;
  /** What is behind the names, unread. */
  rest: string;
  /** The names hold what separates arguments: they may be wrong. */
  unsure: boolean;
}

/** `D` a directory descriptor, `P` a name behind its address, `F` a descriptor with its file. */
const LAYOUTS: Readonly<Record<string, string>> = {
  open: 'P',
  openat: 'DP',
  creat: 'P',
  execve: 'P',
  execveat: 'DP',
  truncate: 'P',
  ftruncate: 'F',
  unlink: 'P',
  unlinkat: 'DP',
  rmdir: 'P',
  rename: 'PP',
  renameat: 'DPDP',
  renameat2: 'DPDP',
  link: 'PP',
  linkat: 'DPDP',
  symlink: 'PP',
  symlinkat: 'PDP',
  mkdir: 'P',
  mkdirat: 'DP',
  mknod: 'P',
  mknodat: 'DP',
  chmod: 'P',
  fchmod: 'F',
  fchmodat: 'DP',
  mount: 'PP',
  umount2: 'P',
  listen: 'F',
};

/** Calls that the sink tells as well. The log has them to show when it does not. */
export const TOLD_TWICE: Readonly<Record<string, 'open' | 'exec' | 'connect'>> = {
  open: 'open',
  openat: 'open',
  creat: 'open',
  execve: 'exec',
  connect: 'connect',
};

/** Calls the log is asked for. The last ones have no names in them. */
export const LOGGED_CALLS = [
  ...Object.keys(LAYOUTS),
  'connect',
  'unshare',
  'setns',
  'ptrace',
  'pivot_root',
  'process_vm_readv',
  'process_vm_writev',
  'bpf',
  'io_uring_setup',
];

/** How many arguments stand behind the names. */
const REST: Readonly<Record<string, number>> = {
  open: 2,
  openat: 2,
  creat: 1,
  truncate: 1,
  ftruncate: 1,
  unlinkat: 1,
  renameat2: 1,
  linkat: 1,
  mkdir: 1,
  mkdirat: 1,
  mknod: 2,
  mknodat: 2,
  chmod: 1,
  fchmod: 1,
  fchmodat: 1,
  mount: 3,
  umount2: 1,
  listen: 1,
};

const HEAD = /^\[ *(\d+): *(\d+)\] /;
/** A process's name has at most so many bytes (TASK_COMM_LEN), and may hold anything. */
const COMM_CHARS_MAX = 15;
const EXIT = / X (\w+)\(/g;
const TAIL = /\) = \S+ \(0x[0-9a-f]+\)(?: errno=(\d+) \([^()]*\))? \([^()]*\)$/;

/** `other`: a line of the log that is no call; `undefined`: no line of the log at all. */
export function readLogLine(line: string): LoggedCall | 'other' | undefined {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { msg, time } = (said ?? {}) as { msg?: unknown; time?: unknown };
  if (typeof msg !== 'string' || typeof time !== 'string') return undefined;
  const head = HEAD.exec(msg);
  if (head === null) return 'other';
  const call = lastExit(msg, head[0].length);
  const tail = TAIL.exec(msg);
  const t = nanosOf(time);
  if (call === undefined || tail === null || t === undefined) return 'other';
  const text = msg.slice(call.end, tail.index);
  return {
    pid: Number(head[1]),
    tid: Number(head[2]),
    name: call.name,
    t,
    errno: Number(tail[1] ?? 0),
    args: argumentsOf(call.name, text),
  };
}

/** The name may hold ` X open(` itself: only the last that can still stand behind it is ours. */
function lastExit(msg: string, from: number): { name: string; end: number } | undefined {
  let found: { name: string; end: number } | undefined;
  EXIT.lastIndex = from;
  for (let at = EXIT.exec(msg); at !== null; at = EXIT.exec(msg)) {
    if (at.index > from + COMM_CHARS_MAX) break;
    found = { name: at[1]!, end: EXIT.lastIndex };
  }
  return found;
}

/**
 * Linear in the line, whatever the names hold: what is too much by the number of separators belongs
 * to the last name.
 */
function argumentsOf(name: string, text: string): CallArguments {
  if (name === 'execve' || name === 'execveat') return executed(text);
  const layout = LAYOUTS[name];
  if (layout === undefined) return { rest: text, unsure: false };
  const pieces = text.split(', ');
  const behind = REST[name] ?? 0;
  const unsure = pieces.length !== layout.length + behind || text.includes('\ufffd');
  const rest = behind === 0 ? '' : pieces.splice(-behind).join(', ');
  const last = pieces.splice(layout.length - 1).join(', ');
  const values = [...pieces, last].map(withoutNumber);
  const found: CallArguments = { rest, unsure };
  if (text.startsWith('AT_FDCWD /')) found.cwd = values[0]!;
  let names = 0;
  for (const [at, letter] of [...layout].entries()) {
    const value = values[at] ?? '';
    if (letter === 'D' && names === 0) found.dir = value;
    else if (letter === 'D') found.toDir = value;
    else if (names++ === 0) found.path = value;
    else found.toPath = value;
  }
  return found;
}

/** `0x7f… PATH, 0x7f… ["ARG", …], 0x7f… ["NAME=VALUE", …]`: the environment is left behind. */
function executed(text: string): CallArguments {
  const list = / 0x[0-9a-f]+ \[(?=")/.exec(text);
  if (list === null) return { rest: '', unsure: true };
  const head = text.slice(0, list.index - 1);
  const at = head.lastIndexOf(', 0x');
  const path = withoutNumber(at < 0 ? head : head.slice(at + 2));
  const dir = at < 0 ? {} : { dir: withoutNumber(head.slice(0, at)) };
  ARGUMENT.lastIndex = list.index + list[0].length;
  const argv: string[] = [];
  for (let found = ARGUMENT.exec(text); found !== null; found = ARGUMENT.exec(text)) {
    argv.push(unquoted(found[1]!));
    if (found[2] !== ', ') break;
  }
  return { ...dir, path, argv, rest: '', unsure: text.includes('\ufffd') };
}

const SIMPLE: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b' };

/** Bytes that are no UTF-8 stand as `\xNN`. */
function unquoted(text: string): string {
  return text.replaceAll(/\\(?:x[0-9a-f]{2}|u([0-9a-f]{4})|(.))/g, (_, code, one) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return one === undefined ? '\ufffd' : (SIMPLE[one] ?? one);
  });
}

/** One item as Go's `%q` prints it, and what follows it. */
const ARGUMENT = /"((?:[^"\\]|\\.)*)"(, |\])?/gsy;

/** `0x7f… name`, `AT_FDCWD /dir`, `0xffffff9c`: what is behind the number. */
function withoutNumber(text: string): string {
  const at = text.indexOf(' ');
  return at < 0 ? '' : text.slice(at + 1);
}

/** RFC 3339 with up to nine places. */
function nanosOf(time: string): string | undefined {
  const [, seconds, places = ''] = /^([0-9T:-]{19})(?:\.(\d{1,9}))?Z$/.exec(time) ?? [];
  const ms = Date.parse(`${seconds}Z`);
  return Number.isNaN(ms) ? undefined : `${ms / 1_000}${places.padEnd(9, '0')}`;
}
