/** A decoded request is kept once, and only while little waits. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeExport, encodeLogsRequest, QUEUE_DECODED_BYTES_MAX } from '@vitrine/schema';
import { keepDecoded, takeDecoded } from './decoded.ts';
import type { PushEntry } from './entry.ts';

const body = encodeLogsRequest([{ eventName: 'tool.call', timeUnixNano: '1', attributes: {} }]);
const exported = decodeExport('logs', 'protobuf', body);

function entry(): PushEntry {
  const from = { principal: 'p', peer: '', observed: '1', hash: '' };
  return { kind: 'push', signal: 'logs', contentType: 'protobuf', ...from, body };
}

describe('what admission decoded', () => {
  it('is taken once', () => {
    const one = entry();
    keepDecoded(one, exported, 0);
    assert.equal(takeDecoded(one), exported);
    assert.equal(takeDecoded(one), undefined);
    assert.equal(takeDecoded(entry()), undefined, 'of another entry of the same bytes');
  });

  it('is kept up to the limit, and not beyond', () => {
    const [below, beyond] = [entry(), entry()];
    keepDecoded(below, exported, QUEUE_DECODED_BYTES_MAX - body.length);
    keepDecoded(beyond, exported, QUEUE_DECODED_BYTES_MAX - body.length + 1);
    assert.equal(takeDecoded(below), exported);
    assert.equal(takeDecoded(beyond), undefined);
  });
});
