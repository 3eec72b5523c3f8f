/**
 * Lines of strace in, events out: the one place that keeps the state between lines. No line is
 * lost silently: one that cannot be read becomes kind `other`, and every line is counted.
 *
 * Begins with the agent's own first program. What comes before is bwrap building the sandbox and
 * the forwarder starting in it: both are ours, read-only, with an environment of our making, and
 * nothing of the agent runs before the forwarder executes its command. The first successful execve
 * after the forwarder's own is therefore the agent's first act, and no agent can move that point.
 */
import { type Adapter, type AdapterSettings, newCounts, Unreadable } from '../adapter/adapter.ts';
import type { StreamShim } from '../adapter/main.ts';
import { textSetting } from '../config.ts';
import { FileFacts } from '../file/facts.ts';
import { partAttribute, type ShimEvent } from '../send/event.ts';
import { Call, type Meaning } from './call.ts';
import { fileEvent } from './file-call.ts';
import {
  LineReader,
  type StraceCall,
  type StraceEnd,
  type StraceLine,
  type StraceOdd,
} from './line.ts';
import { BoundSockets, netEvent } from './net-call.ts';
import { type Process, ProcessTable } from './process.ts';
import { execPath, isExec, processEvent } from './process-call.ts';

export const straceShim: StreamShim = {
  name: 'strace',
  framing: 'lines',
  adapter: (settings) => new StraceAdapter(settings),
};

class StraceAdapter implements Adapter {
  readonly #settings: AdapterSettings;
  /** Path, as the sandbox sees it, of the program that starts the agent's command. */
  readonly #forwarder: string;
  readonly #unreadable: Unreadable;
  readonly #reader = new LineReader();
  readonly #processes = new ProcessTable();
  readonly #bound = new BoundSockets();
  readonly #files: FileFacts;
  #stage: 'setup' | 'forwarder' | 'agent' = 'setup';
  /** `plumbing`: lines before the agent's first program. `quiet`: lines that are no event. */
  readonly counts = { ...newCounts(), plumbing: 0, quiet: 0 };

  /** Throws CONFIG_INVALID without `forwarder` among the source's own settings. */
  constructor(settings: AdapterSettings) {
    this.#settings = settings;
    this.#forwarder = textSetting(settings.given, 'forwarder');
    this.#files = new FileFacts(settings.grants);
    this.#unreadable = new Unreadable(settings, this.counts);
  }

  get started(): boolean {
    return this.#stage === 'agent';
  }

  read(frame: Buffer): ShimEvent[] {
    this.counts.frames++;
    // strace escapes everything that is not ASCII.
    const line = frame.toString('latin1');
    const read = this.#reader.read(line);
    if (read.type === 'odd') {
      const kept = this.#unreadable.take('a line of strace that cannot be read', read.raw);
      this.counts.events += kept.length;
      return kept;
    }
    const event = this.#event(read, line);
    if (event !== undefined) this.counts.events++;
    else if (this.#stage === 'agent') this.counts.quiet++;
    else this.counts.plumbing++;
    return event === undefined ? [] : [event];
  }

  #event(read: Exclude<StraceLine, StraceOdd>, line: string): ShimEvent | undefined {
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
    const raw = isExec(call) ? this.#settings.scrubber.quoted(line.raw) : this.#exact(line.raw);
    return this.#made(line.t, process, meaning, raw);
  }

  #meaning(call: Call): Meaning | undefined {
    const { scrubber } = this.#settings;
    return fileEvent(call) ?? netEvent(call, this.#bound) ?? processEvent(call, scrubber);
  }

  /** What the call changes for the calls after it. */
  #follow(call: Call): void {
    const { process } = call;
    if (isExec(call)) {
      const path = execPath(call);
      if (path !== undefined) process.exe = path;
      if (this.#stage === 'forwarder') this.#stage = 'agent';
      else if (this.#stage === 'setup' && path === this.#forwarder) this.#stage = 'forwarder';
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
    const said = kind.startsWith('file.') ? this.#files.add(kind, attributes) : attributes;
    return { kind, t, attributes: { ...own, ...said, [partAttribute('raw')]: raw } };
  }

  #exact(raw: string): string {
    return this.#settings.scrubber.exact(raw);
  }
}
