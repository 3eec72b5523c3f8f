import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesOf, serverEvents } from './stream.ts';

async function* chunks(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('linesOf', () => {
  it('puts lines together over chunks, also inside a character', async () => {
    const bytes = Buffer.from('Grüße\r\nzwei\ndrei');
    const cut = bytes.indexOf(0xbc);
    const lines = await all(linesOf(chunks(bytes.subarray(0, cut), bytes.subarray(cut))));
    assert.deepEqual(lines, ['Grüße', 'zwei', 'drei']);
  });

  it('has no line after the last newline', async () => {
    assert.deepEqual(await all(linesOf(chunks('a\n', 'b\n'))), ['a', 'b']);
  });
});

describe('serverEvents', () => {
  it('reads events, skips comments, and drops one that never ended', async () => {
    const text =
      ': alive\n\nevent: ready\ndata: {"size":3}\n\n' +
      'event: record\nid: 4\ndata: a\ndata: b\n\ndata: c';
    const events = await all(serverEvents(linesOf(chunks(text))));
    assert.deepEqual(events, [
      { event: 'ready', id: undefined, data: '{"size":3}' },
      { event: 'record', id: '4', data: 'a\nb' },
    ]);
  });
});
