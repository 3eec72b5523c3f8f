/** What is known of the processes of one sentry: parents, working directories, open files. */
import { SHIM_PROCESSES_MAX } from '@vitrine/schema';
import { BoundedMap } from '../adapter/bounded.ts';

export interface Process {
  /** Thread group, as the sandbox numbers it. */
  pid: number;
  ppid?: number;
  cwd?: string;
  /** Path the program was started by. */
  exe?: string;
  /** The sandbox began with it. */
  isFirst?: boolean;
  /** Its end was told. Its last lines of the log may come after that. */
  ended?: boolean;
}

/** A file as it was asked for; `kind` is that of its open. */
export interface OpenFile {
  path: string;
  kind: string;
  flags: string;
}

export class ProcessTable {
  readonly #processes = new BoundedMap<number, Process>(SHIM_PROCESSES_MAX);
  readonly #files = new BoundedMap<string, OpenFile>(SHIM_PROCESSES_MAX);

  /** Processes whose begin was told and not their end. */
  get alive(): number {
    const all = [...this.#processes.values()];
    return all.filter(({ isFirst, ppid, ended }) => {
      return (isFirst === true || ppid !== undefined) && ended !== true;
    }).length;
  }

  of(pid: number): Process {
    const known = this.#processes.get(pid);
    if (known !== undefined) return known;
    const first: Process = { pid };
    this.#processes.set(pid, first);
    return first;
  }

  forked(parent: Process, pid: number): void {
    if (pid === parent.pid) return;
    const child: Process = { ...parent, isFirst: false, ended: false, pid, ppid: parent.pid };
    const known = this.#processes.get(pid);
    // A number may be given again; and a child may be heard of before its parent's clone.
    const heard = known?.ended === true || known?.ppid !== undefined ? {} : known;
    this.#processes.set(pid, { ...child, ...heard, ppid: parent.pid });
  }

  opened(pid: number, fd: number, file: OpenFile): void {
    this.#files.set(`${pid}:${fd}`, file);
  }

  /** What was opened as this descriptor, once. */
  closed(pid: number, fd: number): OpenFile | undefined {
    const file = this.#files.get(`${pid}:${fd}`);
    this.#files.delete(`${pid}:${fd}`);
    return file;
  }
}
