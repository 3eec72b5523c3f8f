import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHashTileName, parseTileName } from './tile-path.ts';

test('a tile has one name', () => {
  assert.deepEqual(parseTileName('000'), { n: 0, width: 256 });
  assert.deepEqual(parseTileName('067'), { n: 67, width: 256 });
  assert.deepEqual(parseTileName('x001/x234/067'), { n: 1_234_067, width: 256 });
  assert.deepEqual(parseTileName('x001/000.p/1'), { n: 1_000, width: 1 });
  assert.deepEqual(parseTileName('000.p/255'), { n: 0, width: 255 });
  assert.deepEqual(parseHashTileName('0/000'), { level: 0, n: 0, width: 256 });
  assert.deepEqual(parseHashTileName('63/000.p/9'), { level: 63, n: 0, width: 9 });
});

test('any other way to write it is refused', () => {
  const wrong = ['', '0', '00', '0000', '1234', 'x001', 'x000/001', 'x001/x067', '001/067'];
  wrong.push('x1/067', 'X001/067', '000/', '/000', '000.p', '000.p/', '000.p/0', '000.p/01');
  wrong.push('000.p/256', '000.p/999', '000.p/+1', '000.p/1/', '000.P/1', '%30%30%30', '-01');
  wrong.push('x999/x999/x999/x999/x999/999', '０００', '000\n');
  for (const text of wrong) assert.equal(parseTileName(text), undefined, JSON.stringify(text));
  for (const level of ['', '00', '01', '64', '-1', '1.0', 'entries']) {
    assert.equal(parseHashTileName(`${level}/000`), undefined, level);
  }
  assert.equal(parseHashTileName('000'), undefined);
});
