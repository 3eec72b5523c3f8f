/**
 * Requests that no collector should take: each is refused with the status OTLP gives it, a code, a
 * sentence and a hint; a good request right behind it goes through; nothing acknowledged is lost.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { adminToken, callApi, makeToken } from './api.ts';
import { type RunFile, Stage } from './collector-process.ts';
import { assertStoredOnce, untilStored } from './log-check.ts';
import { JSON_TYPE, type Post, PROTOBUF, post, protobufBody, statusMessage } from './otlp.ts';
import { Sender } from './sender.ts';

/** Larger than any body that is taken. */
const LARGE_BYTES = 20_000_000;
const WRONG_TOKEN = 'vt_00000000_wrong';

/** What makes a good request a bad one, and how it must be answered. */
interface BadRequest {
  what: string;
  status: number;
  code: string;
  change: Partial<Post>;
}

export async function refusesBadRequests(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  stage.configure('listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  const collector = stage.launch();
  const run = await collector.ready();
  const sender = new Sender(run, await makeToken(run, stage.data, 'ingest'), 'bad-input');
  const reader = await makeToken(run, stage.data, 'reader');
  for (const bad of badRequests(run, reader)) {
    // The event in it never counts as sent: were it stored, it would be one that nobody sent.
    await assertRefused({ ...sender.next(), ...bad.change }, bad);
    await takesTheNext(sender, bad.what);
  }
  for (const call of badCalls(reader, adminToken(stage.data))) {
    await assertCallRefused(run, call);
    await takesTheNext(sender, call.path);
  }
  assert.ok(!collector.ended, collector.said);
  await untilStored(run, sender.acked);
  await assertStoredOnce(run, sender);
  assert.deepEqual(await collector.stop(), { code: 0, signal: null }, collector.said);
  assert.doesNotMatch(collector.said, /INTERNAL|Error:/, 'a refusal is no failure of ours');
}

function badRequests({ otlp_http }: RunFile, reader: string): BadRequest[] {
  const large = Buffer.alloc(LARGE_BYTES, ' ');
  const good = protobufBody([{ id: 'refused', session: 'refused', t: '1' }]);
  const gzip = { 'content-encoding': 'gzip' };
  const row = (what: string, status: number, code: string, change: Partial<Post>): BadRequest => {
    return { what, status, code, change };
  };
  const protobuf = (body: Buffer): Partial<Post> => ({ type: PROTOBUF, body });
  const json = (text: string): Partial<Post> => ({ type: JSON_TYPE, body: Buffer.from(text) });
  return [
    row('a body that is too large', 413, 'OTLP_TOO_LARGE', protobuf(large)),
    row('a body that unpacks too far', 413, 'OTLP_TOO_LARGE', {
      ...protobuf(gzipSync(large)),
      headers: gzip,
    }),
    row('protobuf that is cut off', 400, 'OTLP_MALFORMED', protobuf(good.subarray(0, -3))),
    row('no protobuf at all', 400, 'OTLP_MALFORMED', protobuf(Buffer.alloc(100, 0xff))),
    row('JSON that is cut off', 400, 'OTLP_MALFORMED', json('{"resourceLogs": [')),
    row('JSON of another shape', 400, 'OTLP_MALFORMED', json('{"resourceLogs": {"no": "list"}}')),
    row('no gzip', 400, 'OTLP_MALFORMED', { headers: gzip }),
    row('an unknown encoding', 400, 'OTLP_MALFORMED', { headers: { 'content-encoding': 'br' } }),
    row('a wrong content type', 415, 'UNSUPPORTED_TYPE', { type: 'text/plain' }),
    row('no content type', 415, 'UNSUPPORTED_TYPE', { type: undefined }),
    row('a wrong token', 401, 'UNAUTHENTICATED', { token: WRONG_TOKEN }),
    row('no token', 401, 'UNAUTHENTICATED', { token: undefined }),
    row('a token that may only read', 403, 'FORBIDDEN', { token: reader }),
    row('another path', 404, 'NOT_FOUND', { url: `${otlp_http}/v1/profiles` }),
    row('another method', 405, 'METHOD_NOT_ALLOWED', { method: 'PUT' }),
  ];
}

/** The answer is a `google.rpc.Status` in the encoding of the request. */
async function assertRefused(request: Post, { what, status, code }: BadRequest): Promise<void> {
  const answer = await post(request);
  assert.equal(answer.status, status, what);
  const type = request.type === JSON_TYPE ? JSON_TYPE : PROTOBUF;
  assert.equal(answer.headers['content-type'], type, what);
  const message = statusMessage(type, answer.body);
  assert.match(message, new RegExp(`^${code}: .+; .+`), `${what}: no code, sentence and hint`);
}

interface BadCall {
  token: string;
  method: string;
  path: string;
  body?: unknown;
  status: number;
  code: string;
}

function badCalls(reader: string, admin: string): BadCall[] {
  const get = { method: 'GET', path: '/v1/sessions' };
  const make = { method: 'POST', path: '/v1/tokens' };
  return [
    { ...get, token: '', status: 401, code: 'UNAUTHENTICATED' },
    { ...get, token: WRONG_TOKEN, status: 401, code: 'UNAUTHENTICATED' },
    { ...make, token: reader, body: { role: 'admin' }, status: 403, code: 'FORBIDDEN' },
    { ...make, token: admin, body: { role: 'king' }, status: 400, code: 'BAD_REQUEST' },
    { ...make, token: admin, method: 'PATCH', status: 405, code: 'METHOD_NOT_ALLOWED' },
    { ...get, token: admin, path: '/v1/nothing', status: 404, code: 'NOT_FOUND' },
    {
      token: admin,
      method: 'POST',
      path: '/v1/sandboxes',
      body: { session: 'no relay' },
      status: 400,
      code: 'SANDBOX_INVALID',
    },
  ];
}

async function assertCallRefused(run: RunFile, call: BadCall): Promise<void> {
  const { status, text } = await callApi(run, call.token, call.method, call.path, call.body);
  assert.equal(status, call.status, text);
  const said = JSON.parse(text) as { code: string; message: string; hint: string };
  assert.equal(said.code, call.code, text);
  assert.ok(said.message !== '' && said.hint !== '', text);
}

async function takesTheNext(sender: Sender, after: string): Promise<void> {
  const { status } = await sender.send();
  assert.equal(status, 200, `a good request after ${after}`);
}
