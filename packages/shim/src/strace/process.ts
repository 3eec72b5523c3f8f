/**
 * What is known of each traced thread: which process it belongs to, who made it, where it stands.
 * strace prints no working directory for `mkdir("d")` and the like, so it is followed here.
 */

export interface Process {
  /** Thread group, as the host numbers it. */
  pid: number;
  ppid?: number;
  /** Absolute path, in the sandbox's own view; absent until a call shows it. */
  cwd?: string;
  /** Path given to the last execve that succeeded. */
  exe?: string;
}

const THREAD = /\bCLONE_THREAD\b/;
/** In another PID namespace the first number of a result is the sandbox's own, this one ours. */
const OUTER_PID = /\/\* (\d+) in strace's PID NS \*\//;
const PLAIN_PID = /^(\d+)/;
const FORKS = new Set(['clone', 'clone3', 'fork', 'vfork']);

export class ProcessTable {
  readonly #threads = new Map<number, Process>();

  /** The process of a thread; one not heard of before is the child of a call that is under way. */
  of(tid: number, pending: Iterable<{ tid: number; text: string }>): Process {
    const known = this.#threads.get(tid);
    if (known !== undefined) return known;
    for (const half of pending) {
      const name = /^\w+/.exec(half.text)?.[0] ?? '';
      const parent = this.#threads.get(half.tid);
      if (FORKS.has(name) && parent !== undefined) return this.#begin(tid, parent, half.text);
    }
    const first = { pid: tid };
    this.#threads.set(tid, first);
    return first;
  }

  /** A call that makes a thread or a process has returned. */
  forked(parent: Process, call: { name: string; args: string; result: string }): void {
    const text = OUTER_PID.exec(call.result)?.[1] ?? PLAIN_PID.exec(call.result)?.[1];
    if (!FORKS.has(call.name) || text === undefined) return;
    const tid = Number(text);
    const known = this.#threads.get(tid);
    // Heard of before its parent returned, and perhaps laid at another's door.
    const isOwn = known?.pid === tid;
    if (known === undefined || isOwn === THREAD.test(call.args))
      this.#begin(tid, parent, call.args);
    else if (isOwn) known.ppid = parent.pid;
  }

  /** The thread has become its process: it called execve. */
  forget(tid: number): void {
    this.#threads.delete(tid);
  }

  /** True when it was the process itself that ended and not one of its threads. */
  ended(tid: number): boolean {
    const known = this.#threads.get(tid);
    this.#threads.delete(tid);
    return known === undefined || known.pid === tid;
  }

  #begin(tid: number, parent: Process, text: string): Process {
    if (THREAD.test(text)) {
      this.#threads.set(tid, parent);
      return parent;
    }
    const child: Process = { pid: tid, ppid: parent.pid };
    if (parent.cwd !== undefined) child.cwd = parent.cwd;
    if (parent.exe !== undefined) child.exe = parent.exe;
    this.#threads.set(tid, child);
    return child;
  }
}
