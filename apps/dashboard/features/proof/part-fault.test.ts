/** Parts that were edited in the database, beside a record that was not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { partCommitment } from '@vitrine/chain';
import { partFault } from './part-fault.ts';

const SALT = Buffer.alloc(16, 7);
const DATA = Buffer.from('rm -rf /');
const RECORD = {
  kind: 'tool.call',
  parts: { tool_input: partCommitment(SALT, DATA).toString('base64') },
};
const salt = SALT.toString('base64');

describe('the content of a part', () => {
  it('is what the record commits to', () => {
    assert.equal(partFault(RECORD, 'tool_input', salt, DATA), undefined);
  });

  it('is not when it, or its salt, was edited', () => {
    const edited = partFault(RECORD, 'tool_input', salt, Buffer.from('ls'));
    assert.match(edited ?? '', /not the content that the record commits to/);
    const other = Buffer.alloc(16, 8).toString('base64');
    assert.match(partFault(RECORD, 'tool_input', other, DATA) ?? '', /not the content/);
  });

  it('is not when bytes went from the salt to it, though the hash is the same', () => {
    const longer = Buffer.concat([SALT.subarray(8), DATA]);
    const short = SALT.subarray(0, 8).toString('base64');
    assert.match(partFault(RECORD, 'tool_input', short, longer) ?? '', /without a salt/);
  });

  it('cannot be checked without a salt, and belongs to a part of the record', () => {
    assert.match(partFault(RECORD, 'tool_input', null, DATA) ?? '', /without a salt/);
    assert.match(partFault(RECORD, 'tool_input', 'no base64', DATA) ?? '', /without a salt/);
    for (const name of ['prompt', 'constructor']) {
      assert.match(partFault(RECORD, name, salt, DATA) ?? '', /no such part/);
    }
    assert.match(partFault({}, 'tool_input', salt, DATA) ?? '', /no such part/);
  });
});
