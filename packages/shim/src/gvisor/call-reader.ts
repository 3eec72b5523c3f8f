/** Messages of the sink and calls of the log as kinds and attributes, one sandbox at a time. */
import { posix } from 'node:path';
import type { AttributeValue, Grant, Scrubber } from '@vitrine/schema';
import { SHIM_SOCKETS_MAX } from '@vitrine/schema';
import { argvAttributes } from '../adapter/argv.ts';
import { BoundedMap } from '../adapter/bounded.ts';
import { addressOf } from '../file/address.ts';
import {
  DENIED,
  errnoName,
  FILE_KINDS,
  openFlags,
  openKind,
  renameFlags,
  signalName,
} from '../file/call.ts';
import { type LoggedCall, TOLD_TWICE } from './log-line.ts';
import { type Fields, MESSAGE } from './message.ts';
import type { OpenFile, Process, ProcessTable } from './process.ts';

type Attributes = Record<string, AttributeValue>;

export interface Meant {
  kind: string;
  t: string;
  attributes: Attributes;
}

export interface ReaderOptions {
  processes: ProcessTable;
  scrubber: Scrubber;
  grants: Grant[];
}

/** Field numbers of `ContextData`. */
const CONTEXT = { time: 1, group: 4, cwd: 8 };
const AT_FDCWD = -100;
const CREAT_SYSNO = 85;
/** Flags of clone(2) that make a namespace. */
const NEW_NAMESPACES = 0x7e02_0000;
const PENDING = new Set(['EINPROGRESS', 'EALREADY', 'EINTR', 'EAGAIN']);
const ABSENT = new Set(['ENOENT', 'ENOTDIR']);

export class CallReader {
  readonly #processes: ProcessTable;
  readonly #scrubber: Scrubber;
  readonly #grants: Grant[];
  /** Addresses of bound sockets by the sentry's name of the socket: `socket:[13]`. */
  readonly #bound = new BoundedMap<string, Attributes>(SHIM_SOCKETS_MAX);

  constructor({ processes, scrubber, grants }: ReaderOptions) {
    this.#processes = processes;
    this.#scrubber = scrubber;
    this.#grants = grants;
  }

  read(type: number, fields: Fields): Meant | undefined {
    const context = fields.message(1);
    if (context === undefined) return undefined;
    const process = this.#processes.of(context.small(CONTEXT.group));
    const cwd = context.text(CONTEXT.cwd);
    if (cwd !== '') process.cwd = cwd;
    const said = this.#meaning(type, fields, process);
    if (said === undefined) return undefined;
    const t = String(context.int(CONTEXT.time) ?? 0);
    const attributes = { ...processOf(process), ...said.attributes };
    if (said.kind === 'process.exit') process.ended = true;
    return { kind: said.kind, t, attributes };
  }

  #meaning(type: number, fields: Fields, process: Process): Omit<Meant, 't'> | undefined {
    if (type === MESSAGE.containerStart) return this.#started(process, fields.texts(4));
    if (type === MESSAGE.clone) return this.#cloned(process, fields);
    if (type === MESSAGE.exitNotify) return exited(fields.small(2));
    // The first process has no parent in the sandbox that could be notified.
    if (type === MESSAGE.taskExit && process.isFirst) return exited(fields.small(2));
    if (type === MESSAGE.open) return this.#opened(process, fields);
    if (type === MESSAGE.close) return this.#closed(process, fields);
    if (type === MESSAGE.connect) return connected(process, fields);
    if (type === MESSAGE.bind) return this.#boundTo(process, fields);
    if (type === MESSAGE.execve) {
      const path = absolute(process.cwd, fields.text(6));
      return this.#executed(process, path, fields.texts(7), outcomeOf(fields).errno);
    }
    if (type === MESSAGE.chroot) return attempted('chroot', outcomeOf(fields).errno);
    return undefined;
  }

  #started(process: Process, argv: string[]): Omit<Meant, 't'> | undefined {
    process.isFirst = true;
    return this.#executed(process, absolute(process.cwd, argv[0] ?? ''), argv, undefined);
  }

  #executed(
    process: Process,
    path: string | undefined,
    argv: string[],
    errno: string | undefined,
  ): Omit<Meant, 't'> | undefined {
    if (errno !== undefined) return DENIED.has(errno) ? deniedExec(path, errno) : undefined;
    if (path !== undefined) process.exe = path;
    const attributes: Attributes = argvAttributes(path, argv, this.#scrubber);
    if (process.cwd !== undefined) attributes['process.cwd'] = process.cwd;
    return { kind: 'process.exec', attributes };
  }

  #cloned(parent: Process, fields: Fields): Omit<Meant, 't'> | undefined {
    this.#processes.forked(parent, fields.small(4));
    const flags = fields.small(6);
    return (flags & NEW_NAMESPACES) === 0 ? undefined : attempted('clone', undefined);
  }

  #opened(process: Process, fields: Fields): Omit<Meant, 't'> | undefined {
    const { errno, result } = outcomeOf(fields);
    if (errno !== undefined && !DENIED.has(errno)) return undefined;
    const isCreat = fields.small(3) === CREAT_SYSNO;
    const flags = isCreat ? 'O_WRONLY|O_CREAT|O_TRUNC' : openFlags(fields.small(7));
    const isAtCwd = Number(fields.int(4) ?? 0) === AT_FDCWD || isCreat;
    const base = isAtCwd ? process.cwd : fields.text(5) || process.cwd;
    const path = absolute(base, fields.text(6));
    if (path === undefined) return undefined;
    const kind = openKind(flags);
    if (errno === undefined) this.#processes.opened(process.pid, result, { path, kind, flags });
    const attributes: Attributes = { 'file.op': isCreat ? 'creat' : 'openat', 'file.path': path };
    attributes['file.flags'] = flags;
    if (errno !== undefined) attributes['file.errno'] = errno;
    return { kind, attributes };
  }

  /** Only when a file is closed does the sink say where its path led. */
  #closed(process: Process, fields: Fields): Omit<Meant, 't'> | undefined {
    const file = this.#processes.closed(process.pid, fields.small(4));
    const real = fields.text(5).replace(/ \(deleted\)$/, '');
    if (file === undefined || real === file.path || !real.startsWith('/')) return undefined;
    if (!this.#isGranted(file) && !this.#isGranted({ ...file, path: real })) return undefined;
    const attributes = {
      'file.op': 'close',
      'file.path': file.path,
      'file.real_path': real,
      'file.flags': file.flags,
    };
    return { kind: 'file.open', attributes };
  }

  #isGranted({ path }: OpenFile): boolean {
    if (this.#grants.length === 0) return true;
    return this.#grants.some(({ path: at }) => path === at || path.startsWith(`${at}/`));
  }

  #boundTo(process: Process, fields: Fields): undefined {
    const address = addressOf(fields.bytes(6) ?? Buffer.alloc(0), 'src', process.cwd);
    if (address !== undefined && outcomeOf(fields).errno === undefined) {
      this.#bound.set(fields.text(5), address);
    }
  }

  /** A call of the log. */
  logged({ pid, name, t, errno: code, args }: LoggedCall): Meant | undefined {
    const process = this.#processes.of(pid);
    const errno = code === 0 ? undefined : errnoName(code);
    const own = processOf(process);
    // Where the sink is silent, the log alone tells where a process stands.
    if (args.cwd !== undefined) process.cwd = args.cwd;
    if (args.argv !== undefined) {
      const path = pathOf(process, args.dir, args.path);
      const meant = this.#executed(process, path, args.argv, errno);
      if (meant === undefined) return undefined;
      return { ...meant, t, attributes: { ...processOf(process), ...meant.attributes } };
    }
    if (name === 'connect') return loggedConnect(own, t, args.rest, errno);
    if (name === 'listen') {
      if (errno !== undefined) return undefined;
      return { kind: 'net.listen', t, attributes: { ...own, ...this.#bound.get(args.path ?? '') } };
    }
    const isOpen = TOLD_TWICE[name] === 'open';
    const flags = openFlagsOf(name, args.rest);
    const kind = isOpen ? openKind(flags) : FILE_KINDS[name];
    if (kind === undefined) {
      const { attributes } = attempted(name, errno);
      return { kind: 'syscall', t, attributes: { ...own, ...attributes } };
    }
    if (errno !== undefined && !DENIED.has(errno)) return undefined;
    const attributes: Attributes = { ...own, 'file.op': name, ...fileOf(process, name, args) };
    if (isOpen) attributes['file.flags'] = flags;
    if (args.unsure) attributes['file.path_lossy'] = true;
    if (errno !== undefined) attributes['file.errno'] = errno;
    return { kind, t, attributes };
  }
}

function processOf({ pid, ppid, exe }: Process): Attributes {
  const own: Attributes = { 'process.pid': pid };
  if (ppid !== undefined) own['process.ppid'] = ppid;
  if (exe !== undefined && exe !== '') own['process.exe'] = exe;
  return own;
}

/** Paths as the other sources have them: `file.path` is the new name of a link. */
function fileOf(process: Process, name: string, args: LoggedCall['args']): Attributes {
  const { path = '', dir, toPath, toDir, rest } = args;
  const first = pathOf(process, dir, path) ?? path;
  if (name === 'symlink' || name === 'symlinkat') {
    // The link lies relative to `toDir`; what it holds is read from the directory it lies in.
    const link = pathOf(process, toDir, toPath) ?? toPath ?? '';
    return { 'file.path': link, 'file.target_path': posix.resolve(posix.dirname(link), path) };
  }
  const second = toPath === undefined ? undefined : (pathOf(process, toDir, toPath) ?? toPath);
  if (second === undefined) {
    const last = rest.split(', ').at(-1) ?? '';
    const mode = name.includes('chmod') || name.startsWith('mknod') ? { 'file.mode': last } : {};
    return { 'file.path': first, ...mode };
  }
  if (name.startsWith('link')) return { 'file.path': second, 'file.target_path': first };
  if (name === 'mount') return { 'file.path': second, 'file.source': path };
  const flags = name === 'renameat2' ? { 'file.flags': renameFlags(Number(rest)) } : {};
  return { 'file.path': first, 'file.target_path': second, ...flags };
}

/** The log writes out what it does not know as a number: `O_RDONLY|0x0`. */
function openFlagsOf(name: string, rest: string): string {
  if (name === 'creat') return 'O_WRONLY|O_CREAT|O_TRUNC';
  return (rest.split(', ')[0] ?? '').replace(/\|0x[0-9a-f]+/g, '');
}

const LOGGED_ADDRESS = /\{Family: (\w+), Addr: (.*?)(?:, Port: (\d+))?\}, 0x[0-9a-f]+$/s;

function loggedConnect(
  own: Attributes,
  t: string,
  text: string,
  errno: string | undefined,
): Meant | undefined {
  const [, family = '', address = '', port] = LOGGED_ADDRESS.exec(text) ?? [];
  const attributes: Attributes = { ...own };
  if (family === 'AF_UNIX') attributes['net.path'] = address.replace(/^"|"$/g, '');
  else {
    attributes['net.family'] = family;
    attributes['net.dst_ip'] = address;
    attributes['net.dst_port'] = Number(port ?? 0);
  }
  return withOutcome(attributes, errno, t);
}

function pathOf(process: Process, dir: string | undefined, path: string | undefined) {
  const base = dir?.startsWith('/') ? dir : process.cwd;
  return absolute(base, (path ?? '').replace(/ \(deleted\)$/, ''));
}

/** `undefined` for an empty path; without a known base a relative path stays as it is. */
function absolute(base: string | undefined, path: string): string | undefined {
  if (path === '') return undefined;
  if (path.startsWith('/')) return posix.normalize(path);
  return base === undefined ? path : posix.join(base, path);
}

function outcomeOf(fields: Fields): { errno: string | undefined; result: number } {
  const exit = fields.message(2);
  const code = exit?.small(2) ?? 0;
  return { errno: code === 0 ? undefined : errnoName(code), result: exit?.small(1) ?? 0 };
}

/** A wait status: the exit code above eight bits that hold the signal. */
function exited(status: number): Omit<Meant, 't'> {
  const signal = status & 0x7f;
  const attributes =
    signal === 0
      ? { 'process.exit_code': (status >> 8) & 0xff }
      : { 'process.signal': signalName(signal) };
  return { kind: 'process.exit', attributes };
}

function connected(process: Process, fields: Fields): Omit<Meant, 't'> | undefined {
  const address = addressOf(fields.bytes(6) ?? Buffer.alloc(0), 'dst', process.cwd);
  if (address === undefined) return undefined;
  return withOutcome({ ...address }, outcomeOf(fields).errno, '');
}

/** A Unix socket that does not exist is no attempt. */
function withOutcome(attributes: Attributes, errno: string | undefined, t: string) {
  if (errno !== undefined && 'net.path' in attributes && ABSENT.has(errno)) return undefined;
  if (errno !== undefined && PENDING.has(errno)) attributes['net.pending'] = true;
  else if (errno !== undefined && errno !== 'EISCONN') attributes['net.errno'] = errno;
  return { kind: 'net.connect', t, attributes };
}

/** Nothing ran, so it is no `process.exec`. */
function deniedExec(path: string | undefined, errno: string): Omit<Meant, 't'> {
  const { kind, attributes } = attempted('execve', errno);
  return { kind, attributes: { ...attributes, 'file.path': path ?? '' } };
}

function attempted(name: string, errno: string | undefined): Omit<Meant, 't'> {
  const attributes: Attributes = { 'syscall.name': name, 'syscall.result': errno ?? 'ok' };
  if (errno !== undefined) attributes['syscall.errno'] = errno;
  return { kind: 'syscall', attributes };
}
