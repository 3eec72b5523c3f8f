import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeExportResponse, encodeStatus } from '@vitrine/schema';
import type { HttpAnswer } from '../kit/contract.ts';
import { classifyOtlp } from './answer.ts';

const ENCODINGS = ['protobuf', 'json'] as const;
type Encoding = (typeof ENCODINGS)[number];
const TYPES = { protobuf: 'application/x-protobuf', json: 'application/json; charset=utf-8' };

function answer(status: number, bytes: Uint8Array, encoding?: Encoding): HttpAnswer {
  const headers: Record<string, string> =
    encoding === undefined ? {} : { 'content-type': TYPES[encoding] };
  const body = Buffer.from(bytes).toString('utf8');
  return { status, headers, body, bytes, receivedAtMs: 0 };
}

const nothing = Buffer.alloc(0);

describe('a success of OTLP', () => {
  for (const encoding of ENCODINGS) {
    it(`in ${encoding} is one when nothing is rejected`, () => {
      const whole = encodeExportResponse('logs', encoding);
      assert.equal(classifyOtlp(answer(200, whole, encoding), encoding).kind, 'ok');
      assert.equal(classifyOtlp(answer(200, nothing), encoding).kind, 'ok');
    });

    it(`in ${encoding} with a message alone is a warning`, () => {
      const message = 'use the other endpoint';
      const warning = encodeExportResponse('logs', encoding, { rejected: 0, message });
      assert.deepEqual(classifyOtlp(answer(200, warning, encoding), encoding), {
        kind: 'ok',
        answer: 'HTTP 200: use the other endpoint',
      });
    });

    it(`in ${encoding} hides which records it rejects: they are looked for`, () => {
      for (const message of ['', 'no', 'long '.repeat(100).trim()]) {
        const partial = encodeExportResponse('logs', encoding, { rejected: 300, message });
        const outcome = classifyOtlp(answer(200, partial, encoding), encoding);
        const words = message === '' ? '' : `: ${message}`;
        assert.deepEqual(outcome, { kind: 'split', reason: `HTTP 200, 300 rejected${words}` });
      }
    });
  }

  it('is read in the encoding that it says it has', () => {
    const partial = encodeExportResponse('logs', 'json', { rejected: 1, message: '' });
    assert.equal(classifyOtlp(answer(200, partial, 'json'), 'protobuf').kind, 'split');
    assert.equal(classifyOtlp(answer(200, partial), 'json').kind, 'split');
  });

  it('is none when it is the page of something else', () => {
    for (const encoding of ENCODINGS) {
      const page = answer(200, Buffer.from('<!doctype html><title>Sign in</title>'));
      const outcome = classifyOtlp(page, encoding);
      assert.equal(outcome.kind, 'pause');
      assert.match((outcome as { reason: string }).reason, /not from an OTLP receiver/);
    }
  });
});

describe('a refusal of OTLP', () => {
  const kinds = {
    pause: [301, 401, 403, 404, 405, 407, 410, 501],
    dead: [400, 413, 415, 422],
    retry: [408, 429, 500, 502, 503, 504],
  };
  for (const [kind, statuses] of Object.entries(kinds)) {
    for (const status of statuses) {
      it(`with ${status} means ${kind}`, () => {
        const words = encodeStatus('protobuf', 3, 'its words');
        const outcome = classifyOtlp(answer(status, words, 'protobuf'), 'protobuf');
        assert.equal(outcome.kind, kind);
        if (status >= 400) assert.match((outcome as { reason: string }).reason, /its words/);
      });
    }
  }

  it('is waited after as long as it asks for', () => {
    const busy = answer(503, nothing);
    const outcome = classifyOtlp({ ...busy, headers: { 'retry-after': '3' } }, 'json');
    assert.deepEqual(outcome, { kind: 'retry', reason: 'HTTP 503', afterMs: 3_000 });
  });
});
