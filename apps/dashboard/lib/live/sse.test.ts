import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EventReader, type ServerEvent } from './sse.ts';

const STREAM =
  'event: ready\ndata: {"size":3}\n\n: alive\n\nevent: record\r\nid: 7\r\ndata: {"a":1}\r\n\r\n' +
  'data: one\ndata: two\n\nevent: nothing\n\ndata:bare\nid: \n\n';

const EVENTS: ServerEvent[] = [
  { event: 'ready', data: '{"size":3}', id: '' },
  { event: 'record', data: '{"a":1}', id: '7' },
  { event: 'message', data: 'one\ntwo', id: '7' },
  { event: 'message', data: 'bare', id: '' },
];

describe('server-sent events', () => {
  it('are read whole', () => {
    assert.deepEqual(new EventReader().read(STREAM), EVENTS);
  });

  it('are the same wherever the stream is cut', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (places) => {
        const reader = new EventReader();
        const at = [0, ...places.sort((a, b) => a - b), STREAM.length];
        const read = at.slice(1).flatMap((end, i) => reader.read(STREAM.slice(at[i], end)));
        assert.deepEqual(read, EVENTS);
      }),
    );
  });

  it('that are not finished are not given out', () => {
    const reader = new EventReader();
    assert.deepEqual(reader.read('event: record\ndata: {"half":'), []);
    assert.deepEqual(reader.read('1}\n'), []);
    assert.equal(reader.read('\n')[0]?.data, '{"half":1}');
  });
});
