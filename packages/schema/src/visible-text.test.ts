import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { plainText, visibleText } from './visible-text.ts';

describe('text from outside', () => {
  it('is shown as it is where all of it can be seen', () => {
    for (const text of [
      '',
      'päth/日本語.txt',
      '<img src=x onerror=alert(1)>',
      'a\tb\nc',
      '👩 ok',
    ]) {
      assert.equal(plainText(text), text);
      assert.ok(visibleText(text).every(({ mark }) => mark === undefined));
    }
  });

  it('shows the characters a terminal or a browser would act on', () => {
    assert.equal(plainText('\x1b[31mred'), '\u241b[31mred');
    assert.equal(plainText('a\rb\x00\x7f'), 'a\u240db\u2400\u2421');
    assert.equal(plainText('invoice\u202egpj.exe'), 'invoice⟨U+202E⟩gpj.exe');
    assert.equal(plainText('pay\u200bpal\ufeff'), 'pay⟨U+200B⟩pal⟨U+FEFF⟩');
    assert.equal(plainText('x\u{e0041}y'), 'x⟨U+E0041⟩y');
    assert.equal(plainText('ad\u200dmin\ufe0f'), 'ad⟨U+200D⟩min⟨U+FE0F⟩');
    assert.equal(plainText('half \ud800'), 'half ⟨U+D800⟩');
    assert.deepEqual(visibleText('a\u2066b'), [
      { text: 'a' },
      { text: '⟨U+2066⟩', mark: 'U+2066' },
      { text: 'b' },
    ]);
  });

  it('never lets one through, and loses nothing that can be seen', () => {
    const acted = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u;
    const any = fc.string({ unit: 'binary', maxLength: 60 });
    const tricky = fc.string({
      unit: fc.constantFrom(
        'a',
        '\u202e',
        '\u2066',
        '\u200b',
        '\ufeff',
        '\x1b',
        '\x9b',
        '\r',
        '\0',
      ),
    });
    fc.assert(
      fc.property(fc.oneof(any, tricky), (text) => {
        assert.equal(acted.test(plainText(text).replace(/[\t\n]/g, '')), false);
        const seen = visibleText(text).filter(({ mark }) => mark === undefined);
        const joined = seen.map((piece) => piece.text).join('');
        const marks = visibleText(text).length - seen.length;
        assert.equal([...joined].length + marks, [...text].length);
      }),
    );
  });
});
