/** A row as it is told has the names that stand in its record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordRow } from '@vitrine/store';
import { entryOf } from './dialect.ts';
import { eventItem } from './item.ts';

const HOST = { host: null, device: null, identity: {} } as never;

test('the record of one sandbox does not change how that of another is told', () => {
  const rowOf = (name: string): RecordRow => {
    const record = JSON.stringify({ answers: { first: 'a', [name]: 'yes' } });
    return { log: 'l', idx: 1, session: 's', leaf: Buffer.alloc(32), record } as RecordRow;
  };
  for (let i = 0; i < 3; i++) eventItem(rowOf('say \\"h'), HOST);
  const honest = rowOf('say "hi');
  for (const told of [eventItem(honest, HOST), entryOf(honest, HOST, 'http://localhost')]) {
    assert.equal(JSON.stringify((told as { record: object }).record), honest.record);
  }
});
