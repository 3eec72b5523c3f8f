/** The key map, and that nothing fires while somebody types. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandOf, type Stroke, takesKeys } from './keys.ts';

const plain = { altKey: false, ctrlKey: false, metaKey: false, typing: false, inGrid: false };
const press = (key: string, more: Partial<Stroke> = {}) => commandOf({ ...plain, key, ...more });

describe('keys', () => {
  it('walk, filter and close from anywhere', () => {
    assert.deepEqual(
      ['j', 'k', '/', 'Escape'].map((key) => press(key)),
      ['next', 'previous', 'filter', 'close'],
    );
    assert.equal(press('j', { inGrid: true }), 'next');
  });

  it('are those of a grid on a row only', () => {
    const grid: [string, string][] = [
      ['ArrowDown', 'next'],
      ['ArrowUp', 'previous'],
      ['ArrowRight', 'unfold'],
      ['ArrowLeft', 'fold'],
      ['PageDown', 'page-down'],
      ['PageUp', 'page-up'],
      ['Home', 'first'],
      ['End', 'last'],
      ['Enter', 'open'],
    ];
    for (const [key, command] of grid) {
      assert.equal(press(key, { inGrid: true }), command);
      assert.equal(press(key), undefined, key);
    }
  });

  it('mark rows together with Shift, on a row only', () => {
    const shift = { shiftKey: true };
    assert.equal(press('ArrowDown', { ...shift, inGrid: true }), 'mark-next');
    assert.equal(press('ArrowUp', { ...shift, inGrid: true }), 'mark-previous');
    assert.equal(press('ArrowDown', shift), undefined);
  });

  it('do nothing while typing or with a modifier', () => {
    for (const key of ['j', 'k', '/', 'Escape', 'Enter', 'Home']) {
      assert.equal(press(key, { typing: true, inGrid: true }), undefined);
      for (const modifier of ['altKey', 'ctrlKey', 'metaKey']) {
        assert.equal(press(key, { [modifier]: true, inGrid: true }), undefined);
      }
    }
  });

  it('know no other names', () => {
    for (const key of ['x', 'constructor', 'J', '__proto__']) {
      assert.equal(press(key), undefined);
      assert.equal(press(key, { inGrid: true }), undefined);
    }
  });

  it('belong to fields that take text', () => {
    for (const tag of ['INPUT', 'textarea', 'Select']) assert.ok(takesKeys(tag, false));
    assert.ok(takesKeys('DIV', true));
    assert.ok(!takesKeys('BUTTON', false));
  });
});
