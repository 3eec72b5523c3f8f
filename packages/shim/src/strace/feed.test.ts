/** Bytes to lines, whatever pieces they come in. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STRACE_LINE_BYTES_MAX } from '@vitrine/schema';
import { LineSplitter } from './feed.ts';

function split(chunks: string[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter();
  for (const chunk of chunks) splitter.push(Buffer.from(chunk), (line) => lines.push(line));
  splitter.flush((line) => lines.push(line));
  return lines;
}

describe('lines', () => {
  it('are the same in whatever pieces they come', () => {
    const text = 'one\ntwo two\nthree';
    for (let size = 1; size <= text.length; size++) {
      const chunks = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g'))!;
      assert.deepEqual(split(chunks), ['one', 'two two', 'three']);
    }
  });

  it('may be long, but not without end', () => {
    const most = 'x'.repeat(STRACE_LINE_BYTES_MAX);
    assert.deepEqual(split([most, '\n']), [most]);
    assert.deepEqual(split([`${most}x`, 'y\n']), [`${most}x`, 'y']);
  });
});
