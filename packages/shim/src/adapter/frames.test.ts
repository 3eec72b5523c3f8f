/** Bytes to frames, whatever pieces they come in, and bounded whatever comes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SHIM_FRAME_BYTES_MAX } from '@vitrine/schema';
import { type Framing, splitterOf } from './frames.ts';

function split(framing: Framing, chunks: Buffer[]) {
  const frames: Buffer[] = [];
  const splitter = splitterOf(framing);
  for (const chunk of chunks) splitter.push(chunk, (frame) => frames.push(Buffer.from(frame)));
  splitter.flush((frame) => frames.push(Buffer.from(frame)));
  const { cut, cutBytes } = splitter;
  return { frames: frames.map(String), cut, cutBytes };
}

function packet(content: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(content));
  return Buffer.concat([length, Buffer.from(content)]);
}

function piecesOf(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
}

const MOST = 'x'.repeat(SHIM_FRAME_BYTES_MAX);

describe('lines', () => {
  it('are the same in whatever pieces they come', () => {
    const text = Buffer.from('one\n\ntwo two\nthree');
    for (let size = 1; size <= text.length; size++) {
      assert.deepEqual(split('lines', piecesOf(text, size)).frames, [
        'one',
        '',
        'two two',
        'three',
      ]);
    }
  });

  it('may be long, and what is beyond the limit is counted', () => {
    const whole = split('lines', [Buffer.from(`${MOST}\nnext\n`)]);
    assert.deepEqual([whole.frames[0] === MOST, whole.cut, whole.frames[1]], [true, 0, 'next']);
    const cut = split('lines', piecesOf(Buffer.from(`${MOST}yz\nnext\n`), 60_000));
    assert.deepEqual([cut.frames[0] === MOST, cut.frames[1]], [true, 'next']);
    assert.deepEqual([cut.cut, cut.cutBytes], [1, 2]);
  });
});

describe('packets', () => {
  it('are the same in whatever pieces they come', () => {
    const bytes = Buffer.concat([packet('one'), packet(''), packet('two\n')]);
    for (let size = 1; size <= bytes.length; size++) {
      assert.deepEqual(split('packets', piecesOf(bytes, size)).frames, ['one', '', 'two\n']);
    }
  });

  it('over the limit are left out and counted, and the next one is found', () => {
    const whole = split('packets', [packet(MOST), packet('next')]);
    assert.deepEqual([whole.frames[0] === MOST, whole.cut], [true, 0]);
    const bytes = Buffer.concat([packet(`${MOST}x`), packet('next')]);
    for (const size of [7, 60_000, bytes.length]) {
      const { frames, cut, cutBytes } = split('packets', piecesOf(bytes, size));
      assert.deepEqual([frames, cut, cutBytes], [['next'], 1, SHIM_FRAME_BYTES_MAX + 1]);
    }
  });

  it('that end in the middle are counted', () => {
    const { frames, cut } = split('packets', [packet('one'), packet('two').subarray(0, 5)]);
    assert.deepEqual([frames, cut], [['one'], 1]);
  });
});
