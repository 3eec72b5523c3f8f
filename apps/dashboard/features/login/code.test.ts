import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeOfFragment, codeOfPasted } from './code.ts';

const CODE = 'Zm9vYmFy-_Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy1';

describe('the code of a login link', () => {
  it('stands in its fragment', () => {
    assert.equal(codeOfFragment(`#code=${CODE}`), CODE);
    assert.equal(codeOfFragment(`#x=1&code=${CODE}`), CODE);
    for (const none of ['', '#', '#code=', '#main']) assert.equal(codeOfFragment(none), null);
  });

  it('may be pasted, as a link or alone', () => {
    assert.equal(codeOfPasted(` http://127.0.0.1:3000/login#code=${CODE}\n`), CODE);
    assert.equal(codeOfPasted(CODE), CODE);
    for (const none of ['', 'hello', 'http://127.0.0.1:3000/login', 'two words here and more']) {
      assert.equal(codeOfPasted(none), null, none);
    }
  });
});
