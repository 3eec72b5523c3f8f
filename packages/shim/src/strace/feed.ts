/**
 * A stream of strace lines into the outbox. Stops reading while the relay does not answer: the pipe
 * fills, strace stops, and with it the workload, so that nothing is lost.
 */
import type { Readable } from 'node:stream';
import { STRACE_LINE_BYTES_MAX } from '@vitrine/schema';
import type { Outbox } from '../send/outbox.ts';
import type { StraceAdapter } from './adapter.ts';

export interface Feed {
  input: Readable;
  adapter: StraceAdapter;
  outbox: Outbox;
  /** Told how many lines are dealt with: their events durable, or no event. */
  onDone: (lines: number) => void;
  onStarted: () => void;
}

/** Resolves at the end of the input, when every line has been read; not yet durable. */
export function feedLines(feed: Feed): Promise<void> {
  const splitter = new LineSplitter();
  const take = (line: string): void => takeLine(feed, line);
  return new Promise((resolve, reject) => {
    feed.input.on('data', (chunk: Buffer) => {
      splitter.push(chunk, take);
      if (!feed.outbox.full) return;
      feed.input.pause();
      feed.outbox.onRoom(() => feed.input.resume());
    });
    feed.input.on('error', reject);
    feed.input.on('end', () => {
      splitter.flush(take);
      resolve();
    });
  });
}

function takeLine({ adapter, outbox, onDone, onStarted }: Feed, line: string): void {
  const started = adapter.started;
  const event = adapter.read(line);
  if (!started && adapter.started) onStarted();
  const { lines } = adapter.counts;
  if (event === undefined) {
    if (outbox.size === 0) onDone(lines);
    return;
  }
  // What cannot be sent is counted by the outbox and seen as a hole in the numbering.
  outbox.add(event).then(
    () => onDone(lines),
    () => {},
  );
}

/** Bytes to lines; a line over its limit is handed on in pieces, which cannot be read as calls. */
export class LineSplitter {
  #rest = '';

  push(chunk: Buffer, take: (line: string) => void): void {
    // strace escapes everything that is not ASCII.
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) take(line);
    if (this.#rest.length > STRACE_LINE_BYTES_MAX) this.flush(take);
  }

  flush(take: (line: string) => void): void {
    if (this.#rest !== '') take(this.#rest);
    this.#rest = '';
  }
}
