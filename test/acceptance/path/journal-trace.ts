/**
 * What of a journal would survive a power cut, read from a system call trace: the bytes that a sync
 * has covered, of the segments whose name a sync of the directory has covered. Knows the journal as
 * a directory of `.seg` files and nothing else of it.
 */
import { readdirSync, readFileSync, statSync, truncateSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The calls that must be traced, for `strace --seccomp-bpf -f -y -s 0`. */
export const STRACE = [
  'strace',
  '--follow-forks',
  '--seccomp-bpf',
  '--decode-fds=path',
  '--string-limit=0',
  '--trace=openat,fsync,fdatasync,pwrite64,pwritev,write,writev,ftruncate',
];

interface Segment {
  writtenBytes: number;
  syncedBytes: number;
  /** The directory was synced after the file was created. */
  isNamed: boolean;
}

/** A sync that has begun covers what was written before it began. */
interface Pending {
  text: string;
  /** Length by segment at the beginning of the call. */
  written: Map<string, number>;
}

export class JournalTrace {
  readonly #dir: string;
  readonly #segments = new Map<string, Segment>();
  readonly #pending = new Map<string, Pending>();

  constructor(dir: string, traceFile: string) {
    this.#dir = dir;
    for (const line of readFileSync(traceFile, 'utf8').split('\n')) this.#read(line);
  }

  /** Leaves on the disk what would be there after the cut; returns how many bytes went. */
  cut(): number {
    let lostBytes = 0;
    const names = readdirSync(this.#dir).filter((name) => name.endsWith('.seg'));
    for (const path of names.map((name) => join(this.#dir, name))) {
      const segment = this.#segments.get(path);
      if (segment === undefined) throw new Error(`the trace does not know ${path}`);
      const kept = segment.isNamed ? segment.syncedBytes : 0;
      lostBytes += statSync(path).size - kept;
      if (kept === 0) unlinkSync(path);
      else truncateSync(path, kept);
    }
    return lostBytes;
  }

  /** Lines are `PID call`, or a call in two halves with those of other threads between. */
  #read(line: string): void {
    const [, pid, text] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (pid === undefined || text === undefined) return;
    const half = / <unfinished \.\.\.>$/.exec(text);
    if (half !== null) {
      this.#pending.set(pid, { text: text.slice(0, half.index), written: this.#written() });
      return;
    }
    const rest = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    const begun = this.#pending.get(pid);
    if (rest === undefined) this.#done({ text, written: this.#written() });
    else if (begun !== undefined) this.#done({ text: begun.text + rest, written: begun.written });
  }

  #written(): Map<string, number> {
    return new Map([...this.#segments].map(([path, segment]) => [path, segment.writtenBytes]));
  }

  #done({ text, written }: Pending): void {
    const [, name, args, result] = /^(\w+)\((.*)\) += (\d+)/.exec(text) ?? [];
    if (name === undefined || args === undefined) return;
    const path = /^\d+<([^>]*)>/.exec(args)?.[1] ?? '';
    const segment = this.#segments.get(path);
    if (name === 'openat') {
      this.#opened(args, /= \d+<([^>]*)>$/.exec(text)?.[1] ?? '');
    } else if (path === this.#dir && name === 'fsync') {
      this.#dirSynced(written);
    } else if (segment !== undefined) {
      changed(segment, name, args, Number(result), written.get(path) ?? 0);
    }
  }

  #opened(args: string, path: string): void {
    const isSegment = dirname(path) === this.#dir && path.endsWith('.seg');
    if (!isSegment || !args.includes('O_CREAT')) return;
    this.#segments.set(path, { writtenBytes: 0, syncedBytes: 0, isNamed: false });
  }

  #dirSynced(written: Map<string, number>): void {
    for (const path of written.keys()) {
      const segment = this.#segments.get(path);
      if (segment !== undefined) segment.isNamed = true;
    }
  }
}

/** `result` is what the call returned, `writtenBytes` the length when it began. */
function changed(
  segment: Segment,
  call: string,
  args: string,
  result: number,
  writtenBytes: number,
): void {
  if (call === 'fsync' || call === 'fdatasync') {
    segment.syncedBytes = Math.max(segment.syncedBytes, writtenBytes);
  } else if (call.startsWith('pwrite')) {
    const offset = Number(/, (\d+)$/.exec(args)?.[1]);
    segment.writtenBytes = Math.max(segment.writtenBytes, offset + result);
  } else if (call === 'ftruncate') {
    const length = Number(/, (\d+)$/.exec(args)?.[1]);
    segment.writtenBytes = Math.min(segment.writtenBytes, length);
    segment.syncedBytes = Math.min(segment.syncedBytes, length);
  } else {
    segment.writtenBytes += result;
  }
}
