/**
 * What the host's kernel saw of a sandbox, through bpftrace: records of `program.ts`, put together
 * by thread. bpftrace does not wait for its reader; what it loses it counts, and says so.
 */
import { posix } from 'node:path';
import { type AttributeValue, SHIM_PROCESSES_MAX, SHIM_SOCKETS_MAX } from '@vitrine/schema';
import { type Adapter, type AdapterSettings, newCounts, Unreadable } from '../adapter/adapter.ts';
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
import { FileFacts } from '../file/facts.ts';
import type { ShimEvent } from '../send/event.ts';
import { nameOf, readLine } from './record.ts';
import { type Call, type Program, Thread } from './thread.ts';

type Attributes = Record<string, AttributeValue>;

/** What a process is known by after it ran a program. */
interface Known {
  ppid: number;
  exe: string;
}

const OPENS = new Set(['open', 'openat', 'creat']);
const PENDING = new Set(['EINPROGRESS', 'EALREADY', 'EINTR', 'EAGAIN']);
const ABSENT = new Set(['ENOENT', 'ENOTDIR']);
/** `BPFTRACE_STRLEN` with its NUL: a longer name is cut, and does not say so. */
const NAME_CHARS_MAX = 199;
const ARGV_CUT = '…';
/** Of execveat(2), whose arguments are not asked for: they would cost as much as all of execve. */
const NO_PROGRAM: Program = { file: '', argv: [], cut: true, base: undefined };

export class BpftraceAdapter implements Adapter {
  readonly #settings: AdapterSettings;
  readonly #unreadable: Unreadable;
  readonly #files: FileFacts;
  readonly #threads = new BoundedMap<number, Thread>(SHIM_PROCESSES_MAX);
  readonly #known = new BoundedMap<number, Known>(SHIM_PROCESSES_MAX);
  readonly #bound = new BoundedMap<string, Attributes>(SHIM_SOCKETS_MAX);
  /** Unix nanoseconds at which the program's clock was zero. */
  readonly #clockZero: bigint;
  started = false;
  /** `quiet`: records that are no event, or the first ones of one. */
  readonly counts = { ...newCounts(), quiet: 0 };

  constructor(settings: AdapterSettings, clockZero: bigint) {
    this.#settings = settings;
    this.#clockZero = clockZero;
    this.#unreadable = new Unreadable(settings, this.counts);
    this.#files = new FileFacts(settings.grants);
  }

  read(frame: Buffer): ShimEvent[] {
    this.counts.frames++;
    const events = frame.length === 0 ? [] : this.#line(frame.toString('utf8'));
    this.counts.events += events.length;
    if (events.length === 0) this.counts.quiet++;
    return events;
  }

  #line(text: string): ShimEvent[] {
    const line = readLine(text);
    if (line === undefined) {
      return this.#unreadable.take('a line of bpftrace that cannot be read', text);
    }
    if (line.type === 'lost') this.counts.dropped += line.events;
    if (line.type !== 'record') return [];
    const { letter, fields } = line;
    // bpftrace says how many probes it attaches before it does; it reads records when it has.
    this.started = true;
    if (letter === 'T') return [];
    if (letter === 'G') return this.#forked(fields);
    if (letter === 'P') return this.#executed(fields);
    if (letter === 'Q') return this.#exited(fields);
    if (letter === 'L') return this.#listens(fields);
    if (letter === 'S') return this.#attempted(fields);
    if (letter === 'Z') return this.#turnedAway(fields);
    return this.#part(letter, fields);
  }

  #time(nsecs: string | undefined): string {
    if (nsecs === undefined || !/^\d{1,19}$/.test(nsecs)) return this.#settings.now();
    return String(this.#clockZero + BigInt(nsecs));
  }

  /** One of the records that make up an event. */
  #part(letter: string, fields: string[]): ShimEvent[] {
    const tid = Number(letter === 'C' || letter === 'K' ? fields[3] : fields[0]);
    let thread = this.#threads.get(tid);
    if (thread === undefined) {
      thread = new Thread();
      this.#threads.set(tid, thread);
    }
    const call = thread.take(letter, fields);
    if (call === undefined) return [];
    return call.letter === 'K' ? this.#socket(call) : this.#file(call);
  }

  #file(call: Call): ShimEvent[] {
    const { name, number } = call;
    const isOpen = OPENS.has(name);
    const flags = isOpen ? openFlags(number) : '';
    const kind = isOpen ? openKind(flags) : FILE_KINDS[name === 'umount' ? 'umount2' : name];
    const errno = call.result < 0 ? errnoName(-call.result) : undefined;
    if (kind === undefined || (errno !== undefined && !DENIED.has(errno))) return [];
    const attributes: Attributes = { 'file.op': name, ...pathsOf(call) };
    if (isOpen) attributes['file.flags'] = flags;
    if (name === 'renameat2') attributes['file.flags'] = renameFlags(number);
    if (name.includes('chmod') || name.startsWith('mknod')) {
      attributes['file.mode'] = `0${number.toString(8)}`;
    }
    if (errno !== undefined) attributes['file.errno'] = errno;
    const said = this.#files.add(kind, attributes);
    return [this.#made(kind, call.nsecs, call.pid, said)];
  }

  #socket(call: Call): ShimEvent[] {
    const { name, words, length, pid, number, result, path, base } = call;
    const raw = Buffer.alloc(4 * WORD_BYTES);
    for (const [at, word] of words.entries()) raw.writeBigUInt64LE(word, at * WORD_BYTES);
    const end = name === 'connect' ? 'dst' : 'src';
    const address =
      path === undefined
        ? addressOf(raw.subarray(0, Math.max(0, length)), end, undefined)
        : { 'net.path': path.startsWith('@') ? path : (resolve(base, path) ?? path) };
    const errno = result < 0 ? errnoName(-result) : undefined;
    if (address === undefined) return [];
    if (name === 'bind') {
      if (errno === undefined) this.#bound.set(`${pid}:${number}`, address);
      return [];
    }
    const attributes: Attributes = { ...address };
    if (errno !== undefined && 'net.path' in address && ABSENT.has(errno)) return [];
    if (errno !== undefined && PENDING.has(errno)) attributes['net.pending'] = true;
    else if (errno !== undefined && errno !== 'EISCONN') attributes['net.errno'] = errno;
    return [this.#made('net.connect', call.nsecs, pid, attributes)];
  }

  #listens([nsecs, pid, , fd]: string[]): ShimEvent[] {
    const address = this.#bound.get(`${pid}:${fd}`) ?? {};
    return [this.#made('net.listen', nsecs, Number(pid), address)];
  }

  /** A thread is in here as well, under a number that no process has. */
  #forked([parent, child]: string[]): ShimEvent[] {
    const known = this.#known.get(Number(parent));
    this.#known.set(Number(child), { ppid: Number(parent), exe: known?.exe ?? '' });
    return [];
  }

  #executed([nsecs, pid, old, ppid, uid, file]: string[]): ShimEvent[] {
    const program = this.#threads.get(Number(old))?.begun();
    const { argv, cut, base } = program ?? NO_PROGRAM;
    const asked = nameOf(file ?? '').text;
    const exe = resolve(base, asked) ?? asked;
    this.#known.set(Number(pid), { ppid: Number(ppid), exe });
    const shown = cut ? [...argv, ARGV_CUT] : argv;
    const attributes: Attributes = {
      ...argvAttributes(exe, shown, this.#settings.scrubber),
      'process.uid': Number(uid),
    };
    if (cut) attributes['process.argv_cut'] = true;
    if (base !== undefined) attributes['process.cwd'] = base;
    return [this.#made('process.exec', nsecs, Number(pid), attributes)];
  }

  /** A wait status: the exit code above eight bits that hold the signal. */
  #exited([nsecs, pid, status]: string[]): ShimEvent[] {
    const signal = Number(status) & 0x7f;
    const attributes: Attributes =
      signal === 0
        ? { 'process.exit_code': (Number(status) >> 8) & 0xff }
        : { 'process.signal': signalName(signal) };
    const event = this.#made('process.exit', nsecs, Number(pid), attributes);
    this.#known.delete(Number(pid));
    return [event];
  }

  #attempted([name, nsecs, pid, tid, result]: string[]): ShimEvent[] {
    const errno = Number(result) < 0 ? errnoName(-Number(result)) : undefined;
    // Most programs are looked for in several places.
    if (name === 'execve' && (errno === undefined || !DENIED.has(errno))) return [];
    const attributes: Attributes = { 'syscall.name': name ?? '', 'syscall.result': errno ?? 'ok' };
    if (errno !== undefined) attributes['syscall.errno'] = errno;
    const asked = name === 'execve' ? this.#threads.get(Number(tid))?.begun() : undefined;
    if (asked !== undefined) attributes['file.path'] = resolve(asked.base, asked.file) ?? '';
    return [this.#made('syscall', nsecs, Number(pid), attributes)];
  }

  #turnedAway([name = '', nsecs, pid, , result]: string[]): ShimEvent[] {
    const errno = errnoName(-Number(result));
    const kind = FILE_KINDS[name];
    const attributes: Attributes =
      kind === undefined
        ? { 'syscall.name': name, 'syscall.result': errno, 'syscall.errno': errno }
        : { 'file.op': name, 'file.errno': errno };
    return [this.#made(kind ?? 'syscall', nsecs, Number(pid), attributes)];
  }

  #made(kind: string, nsecs: string | undefined, pid: number, attributes: Attributes): ShimEvent {
    const own: Attributes = { 'process.pid': pid };
    const known = this.#known.get(pid);
    if (known !== undefined) {
      own['process.ppid'] = known.ppid;
      if (known.exe !== '') own['process.exe'] = known.exe;
    }
    return { kind, t: this.#time(nsecs), attributes: { ...own, ...attributes } };
  }
}

const WORD_BYTES = 8;

/** Paths as the other sources have them: `file.path` is the new name of a link. */
function pathsOf(call: Call): Attributes {
  const { name, path = '', second, base, secondBase, real, lossy } = call;
  const first = resolve(base, path);
  const cut = path.length >= NAME_CHARS_MAX || (second?.length ?? 0) >= NAME_CHARS_MAX;
  const marks: Attributes = lossy || cut ? { 'file.path_lossy': true } : {};
  if (name === 'ftruncate' || name === 'fchmod') {
    return real === undefined ? marks : { ...marks, 'file.path': real };
  }
  if (second === undefined) {
    const led = real === undefined ? {} : { 'file.real_path': real };
    return { ...marks, 'file.path': first ?? path, ...led };
  }
  const other = resolve(secondBase, second) ?? second;
  if (name === 'mount') return { ...marks, 'file.path': other, 'file.source': path };
  if (name.startsWith('symlink')) {
    // What a link holds is read from the directory it lies in.
    return {
      ...marks,
      'file.path': other,
      'file.target_path': posix.resolve(posix.dirname(other), path),
    };
  }
  const [at, to] = name.startsWith('link') ? [other, first ?? path] : [first ?? path, other];
  return { ...marks, 'file.path': at, 'file.target_path': to };
}

/** `undefined` for an empty path, and for a relative one whose base is not known. */
function resolve(base: string | undefined, path: string): string | undefined {
  if (path.startsWith('/')) return posix.normalize(path);
  return path === '' || base === undefined ? undefined : posix.join(base, path);
}
