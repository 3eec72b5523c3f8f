/** The stand-in for the model API, as a client of the Messages API meets it. */
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { RunAuthority } from '@vitrine/shim/certificate';
import { type Model, startModel } from './model.ts';

const script = [
  { prompt: 'go', steps: [{ name: 'Read', input: { file_path: '/a' } }], answer: 'Done.' },
];
let model: Model;
let ca = '';

before(async () => {
  const authority = await RunAuthority.create(Date.now());
  ca = authority.certificate;
  model = await startModel(script, authority);
});
after(() => model.close());

function ask(path: string, body?: unknown): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { port } = model;
    const target = { host: '127.0.0.1', port, path, ca, servername: 'model.example', agent: false };
    const method = body === undefined ? 'GET' : 'POST';
    const sent = request({ ...target, method }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode ?? 0, text });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? '' : JSON.stringify(body));
  });
}

const asked = (results: number, more: object = {}) => ({
  model: 'm',
  messages: [
    { role: 'user', content: 'go' },
    ...Array.from({ length: results }, () => ({ content: [{ type: 'tool_result' }] })),
  ],
  ...more,
});

describe('the stand-in model', () => {
  it('calls a tool, then answers, each call with a number of its own', async () => {
    const first = JSON.parse((await ask('/v1/messages?beta=true', asked(0))).text);
    const again = JSON.parse((await ask('/v1/messages', asked(0))).text);
    assert.equal(first.stop_reason, 'tool_use');
    assert.deepEqual(first.content[0].input, { file_path: '/a' });
    assert.notEqual(first.content[0].id, again.content[0].id);
    const last = JSON.parse((await ask('/v1/messages', asked(1))).text);
    assert.deepEqual([last.stop_reason, last.content[0].text], ['end_turn', 'Done.']);
    assert.equal(model.requests, 3);
  });

  it('streams the same in the events of the API', async () => {
    const { text } = await ask('/v1/messages', asked(0, { stream: true }));
    const events = [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
    assert.deepEqual(events, [
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    assert.match(text, /"partial_json":"\{\\"file_path\\":\\"\/a\\"\}"/);
    assert.match(text, /"stop_reason":"tool_use"/);
  });

  it('answers everything else with nothing of interest', async () => {
    const { requests } = model;
    assert.deepEqual(await ask('/v1/messages/count_tokens', asked(0)), {
      status: 200,
      text: '{"input_tokens":10}',
    });
    assert.equal((await ask('/anything')).status, 200);
    assert.equal(model.requests, requests);
  });
});
