import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiFailure, apiUrl, asFailure, failureOf, linesOf, mayRetry } from './client.ts';

async function lines(body: BodyInit): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const line of linesOf(new Response(body))) seen.push(line);
  return seen;
}

describe('asking the API', () => {
  it('goes through this origin, and leaves out what is not asked', () => {
    assert.equal(apiUrl('/v1/sessions'), '/api/v1/sessions');
    const query = { host: 'a b', pid: 0, edr: undefined, q: '', cursor: null, all: false };
    assert.equal(apiUrl('/v1/sessions', query), '/api/v1/sessions?host=a+b&pid=0&all=false');
  });

  it('tells a refusal with its code and hint', async () => {
    const said = JSON.stringify({ code: 'FORBIDDEN', message: 'no', hint: 'ask' });
    const failure = await failureOf(new Response(said, { status: 403 }));
    assert.partialDeepStrictEqual({ ...failure }, { status: 403, code: 'FORBIDDEN', hint: 'ask' });
  });

  it('names an answer that is not the API’s own by its status', async () => {
    for (const body of ['<html>', 'null', '"x"', '{"code":7}', '']) {
      const failure = await failureOf(new Response(body, { status: 502 }));
      assert.equal(failure.code, 'HTTP_502');
      assert.ok(failure.hint.length > 0);
    }
  });

  it('reads lines as they come, wherever they are cut', async () => {
    const bytes = new TextEncoder().encode('{"a":"é"}\n{"a":2}\n');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    assert.deepEqual(await lines(body), [{ a: 'é' }, { a: 2 }]);
  });

  it('tells lines that are none from lines that break off', async () => {
    await assert.rejects(lines('{"a":\n'), { code: 'ANSWER_UNREADABLE' });
    await assert.rejects(lines('{"a":1}\n{"a"'), { code: 'CONNECTION_LOST' });
    const cut = new ReadableStream({
      pull: (controller) => controller.error(new TypeError('network error')),
    });
    await assert.rejects(lines(cut), { code: 'CONNECTION_LOST' });
  });

  it('is tried again only where that may help, and not for ever', () => {
    const failed = (status: number): ApiFailure => new ApiFailure(status, 'X', '', '');
    for (const status of [0, 429, 500, 502, 503]) assert.equal(mayRetry(0, failed(status)), true);
    for (const status of [400, 401, 403, 404, 413]) {
      assert.equal(mayRetry(0, failed(status)), false);
    }
    assert.equal(mayRetry(1, failed(503)), true);
    assert.equal(mayRetry(2, failed(503)), false);
  });

  it('shows any other error as a failure of the page', () => {
    assert.equal(asFailure(new TypeError('x')).code, 'PAGE_ERROR');
    assert.equal(asFailure('x').message, 'x');
  });
});
