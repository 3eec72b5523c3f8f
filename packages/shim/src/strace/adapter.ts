/**
 * Lines of strace in, events out: the one place that keeps the state between lines. No line is
 * lost silently: one that cannot be read becomes kind `other`, and every line is counted.
 *
 * Begins with the agent's own first program. What comes before is bwrap building the sandbox and
 * the forwarder starting in it: both are ours, read-only, with an environment of our making, and
 * nothing of the agent runs before the forwarder executes its command. The first successful execve
 * after the forwarder's own is therefore the agent's first act, and no agent can move that point.
 */
import type { Scrubber } from '@vitrine/schema';
import { partAttribute, type ShimEvent } from '../send/event.ts';
import { Call, type Meaning } from './call.ts';
import { fileEvent } from './file-call.ts';
import { LineReader, type StraceCall, type StraceEnd } from './line.ts';
import { BoundSockets, netEvent } from './net-call.ts';
import { type Process, ProcessTable } from './process.ts';
import { execPath, isExec, processEvent } from './process-call.ts';

export interface AdapterOptions {
  /** Path, as the sandbox sees it, of the program that starts the agent's command. */
  forwarder: string;
  scrubber: Scrubber;
  /** Unix nanoseconds for lines that have no time of their own. */
  now: () => string;
}

export class StraceAdapter {
  readonly #options: AdapterOptions;
  readonly #reader = new LineReader();
  readonly #processes = new ProcessTable();
  readonly #bound = new BoundSockets();
  #stage: 'setup' | 'forwarder' | 'agent' = 'setup';
  /** `plumbing`: lines before the agent's first program. `quiet`: lines that are no event. */
  readonly counts = { lines: 0, events: 0, unparsed: 0, plumbing: 0, quiet: 0 };

  constructor(options: AdapterOptions) {
    this.#options = options;
  }

  get started(): boolean {
    return this.#stage === 'agent';
  }

  read(line: string): ShimEvent | undefined {
    this.counts.lines++;
    const read = this.#reader.read(line);
    const event = this.#event(read, line);
    if (event !== undefined) this.counts.events++;
    else if (this.#stage === 'agent') this.counts.quiet++;
    else this.counts.plumbing++;
    return event;
  }

  #event(read: ReturnType<LineReader['read']>, line: string): ShimEvent | undefined {
    if (read.type === 'odd') return this.#unreadable(read.raw);
    if (read.type === 'moved') this.#processes.forget(read.tid);
    if (read.type === 'half') this.#meet(line);
    if (read.type === 'call') return this.#called(read);
    return read.type === 'end' ? this.#ended(read) : undefined;
  }

  /**
   * A thread is known from its first line on: a child may be heard of before its parent returns.
   */
  #meet(line: string): void {
    const tid = Number.parseInt(line, 10);
    if (Number.isSafeInteger(tid)) this.#process(tid);
  }

  #process(tid: number): Process {
    return this.#processes.of(tid, this.#reader.pending());
  }

  #called(line: StraceCall): ShimEvent | undefined {
    const process = this.#process(line.tid);
    const call = new Call(line, process);
    const meaning = this.#meaning(call);
    if (call.outcome === 'done') this.#follow(call);
    if (this.#stage !== 'agent' || meaning === undefined) return undefined;
    const raw = isExec(call) ? this.#options.scrubber.quoted(line.raw) : this.#exact(line.raw);
    return this.#made(line.t, process, meaning, raw);
  }

  #meaning(call: Call): Meaning | undefined {
    const { scrubber } = this.#options;
    return fileEvent(call) ?? netEvent(call, this.#bound) ?? processEvent(call, scrubber);
  }

  /** What the call changes for the calls after it. */
  #follow(call: Call): void {
    const { process } = call;
    if (isExec(call)) {
      const path = execPath(call);
      if (path !== undefined) process.exe = path;
      if (this.#stage === 'forwarder') this.#stage = 'agent';
      else if (this.#stage === 'setup' && path === this.#options.forwarder)
        this.#stage = 'forwarder';
    } else if (call.name === 'chdir' || call.name === 'fchdir') {
      const cwd = call.name === 'chdir' ? call.path(0) : call.descriptorPath(0);
      if (cwd !== undefined) process.cwd = cwd.text;
    } else this.#processes.forked(process, call.line);
  }

  #ended(line: StraceEnd): ShimEvent | undefined {
    const process = this.#process(line.tid);
    if (!this.#processes.ended(line.tid) || this.#stage !== 'agent') return undefined;
    const attributes =
      line.code !== undefined
        ? { 'process.exit_code': line.code }
        : { 'process.signal': line.signal ?? 'unknown' };
    return this.#made(line.t, process, { kind: 'process.exit', attributes }, line.raw);
  }

  #made(t: string, process: Process, { kind, attributes }: Meaning, raw: string): ShimEvent {
    const own: ShimEvent['attributes'] = { 'process.pid': process.pid };
    if (process.ppid !== undefined) own['process.ppid'] = process.ppid;
    if (process.exe !== undefined) own['process.exe'] = process.exe;
    return { kind, t, attributes: { ...own, ...attributes, [partAttribute('raw')]: raw } };
  }

  #unreadable(raw: string): ShimEvent {
    this.counts.unparsed++;
    const attributes = {
      reason: 'a line of strace that cannot be read',
      [partAttribute('raw')]: this.#options.scrubber.text(raw),
    };
    return { kind: 'other', t: this.#options.now(), attributes };
  }

  #exact(raw: string): string {
    return this.#options.scrubber.exact(raw);
  }
}
