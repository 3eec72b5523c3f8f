/** Bodies from a server that may send anything, for ever, or half. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { EVENT_BUNDLE_BYTES_MAX, RECORD_BYTES_MAX } from '@vitrine/schema';
import { type BodyProgress, readBody } from './body.ts';
import { proofLog } from './fixture.ts';

async function answered(send: (response: ServerResponse) => void, bytesMax: number) {
  const server = createServer((_, response) => send(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const progress: BodyProgress[] = [];
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const body = await readBody(response, bytesMax, (step) => progress.push(step));
    return { body, progress };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a body is read whole, with its progress', async () => {
  const sent = Buffer.alloc(300_000, 'x');
  const { body, progress } = await answered((response) => {
    response.setHeader('content-length', sent.length);
    response.end(sent);
  }, sent.length);
  assert.ok(sent.equals(body));
  assert.deepEqual(progress.at(-1), { bytes: sent.length, total: sent.length });
});

test('without an announced length there is a count and no total', async () => {
  const { body, progress } = await answered((response) => {
    response.write('ab');
    response.end('c');
  }, 3);
  assert.equal(new TextDecoder().decode(body), 'abc');
  assert.deepEqual(progress.at(-1), { bytes: 3, total: undefined });
});

test('one byte too many ends it, also of an answer without end', async () => {
  const endless = answered((response) => {
    const write = (): void => void (response.write('x'.repeat(1_000)) && setImmediate(write));
    response.on('drain', write);
    write();
  }, 100_000);
  await assert.rejects(endless, { code: 'ANSWER_TOO_LARGE' });
  await assert.rejects(
    answered((response) => response.end('abcd'), 3),
    {
      code: 'ANSWER_TOO_LARGE',
    },
  );
});

test('half an answer is none', async () => {
  const half = answered((response) => {
    response.setHeader('content-length', 10);
    response.write('abc');
    setTimeout(() => response.destroy(), 50);
  }, 100);
  await assert.rejects(half, { code: 'CONNECTION_LOST' });
});

test('the largest bundle of one leaf fits: three records as long as records may be', () => {
  const log = proofLog();
  const small = log.bundle(3);
  // Quotes grow most: two bytes in the record, four in the bundle.
  const longest = 2 * RECORD_BYTES_MAX * 3;
  const notes = 100 * 300;
  assert.ok(small.length + longest + notes < EVENT_BUNDLE_BYTES_MAX);
});
