/** Parts are looked at as what they are, and never as more than may be shown. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PART_SHOWN_BYTES_MAX } from '@vitrine/schema/record';
import { partView } from './part-view.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a part', () => {
  it('is indented when it is JSON', () => {
    const view = partView(bytes('{"a":[1,2]}'));
    assert.deepEqual([view.form, view.text], ['JSON', '{\n  "a": [\n    1,\n    2\n  ]\n}']);
  });

  it('is text when it only begins like JSON', () => {
    assert.equal(partView(bytes('[31mred')).form, 'text');
    assert.equal(partView(bytes('42')).form, 'text');
  });

  it('is hex when it is no text', () => {
    const view = partView(new Uint8Array([0x4d, 0x5a, 0x00, 0xff]));
    assert.equal(view.form, 'binary');
    assert.equal(view.text, `00000000  4d 5a 00 ff${' '.repeat(36)}  MZ..`);
    assert.equal(partView(new Uint8Array([0xc3, 0x28])).form, 'binary');
    assert.equal(partView(new Uint8Array(5_000)).hiddenBytes, 904);
  });

  it('is shown whole up to its limit, and cut beyond it', () => {
    const whole = partView(bytes('x'.repeat(PART_SHOWN_BYTES_MAX)));
    assert.deepEqual([whole.text.length, whole.hiddenBytes], [PART_SHOWN_BYTES_MAX, 0]);
    const cut = partView(bytes('x'.repeat(PART_SHOWN_BYTES_MAX + 1)));
    assert.deepEqual([cut.text.length, cut.hiddenBytes], [PART_SHOWN_BYTES_MAX, 1]);
  });

  it('is not cut through a character', () => {
    const view = partView(bytes(`${'x'.repeat(PART_SHOWN_BYTES_MAX - 1)}é and more`));
    assert.equal(view.text.at(-1), 'x');
  });

  it('may be empty', () => {
    assert.equal(partView(new Uint8Array()).form, 'empty');
  });
});
