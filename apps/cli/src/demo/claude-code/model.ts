/**
 * A stand-in for the model API on the loopback address: enough of `POST /v1/messages`, streamed or
 * whole, for the real Claude Code to run a session that is scripted. Anything else is answered with
 * nothing of interest.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { isObject, type JsonObject } from '@vitrine/schema';
import type { RunAuthority } from '@vitrine/shim/certificate';
import { type Conversation, nextTurn, type Turn } from './script.ts';

export interface Model {
  port: number;
  /** Requests for an answer of the model, so far. */
  readonly requests: number;
  close(): Promise<void>;
}

const REQUEST_BYTES_MAX = 16_777_216;
const USAGE = { input_tokens: 10, output_tokens: 20 };

export async function startModel(script: Conversation[], authority: RunAuthority): Promise<Model> {
  const api = new MessagesApi(script);
  const server = createServer(
    {
      SNICallback: (name, done) => {
        authority.contextFor(name).then((context) => done(null, context), done);
      },
    },
    (request, response) => {
      api.answer(request, response).catch(() => response.destroy());
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get requests() {
      return api.requests;
    },
    close: () => close(server),
  };
}

class MessagesApi {
  requests = 0;
  #calls = 0;
  readonly #script: Conversation[];

  constructor(script: Conversation[]) {
    this.#script = script;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request);
    const [path] = (request.url ?? '').split('?');
    if (request.method !== 'POST' || path !== '/v1/messages') {
      sendJson(response, { input_tokens: USAGE.input_tokens });
      return;
    }
    this.requests++;
    const block = this.#block(nextTurn(this.#script, body));
    const id = String(this.requests).padStart(6, '0');
    response.setHeader('request-id', `req_${id}`);
    const message = {
      id: `msg_${id}`,
      type: 'message',
      role: 'assistant',
      model: body.model ?? 'unknown',
      stop_reason: block.type === 'tool_use' ? 'tool_use' : 'end_turn',
      stop_sequence: null,
      usage: USAGE,
    };
    if (body.stream === true) stream(response, message, block);
    else sendJson(response, { ...message, content: [block] });
  }

  #block(turn: Turn): JsonObject {
    if ('text' in turn) return { type: 'text', text: turn.text };
    const id = `toolu_${String(++this.#calls).padStart(6, '0')}`;
    return { type: 'tool_use', id, ...turn.call };
  }
}

/** Server-sent events in the order of the Messages API ("Streaming messages"). */
function stream(response: ServerResponse, message: JsonObject, block: JsonObject): void {
  response.setHeader('content-type', 'text/event-stream');
  const send = (type: string, rest: JsonObject): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  };
  const { stop_reason, stop_sequence, usage, ...begun } = message;
  const start = { ...begun, content: [], stop_reason: null, stop_sequence: null };
  send('message_start', { message: { ...start, usage: { ...USAGE, output_tokens: 1 } } });
  const isText = block.type === 'text';
  const empty = isText ? { type: 'text', text: '' } : { ...block, input: {} };
  send('content_block_start', { index: 0, content_block: empty });
  const delta = isText
    ? { type: 'text_delta', text: block.text! }
    : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
  send('content_block_delta', { index: 0, delta });
  send('content_block_stop', { index: 0 });
  send('message_delta', {
    delta: { stop_reason: stop_reason!, stop_sequence: null },
    usage: usage!,
  });
  send('message_stop', {});
  response.end();
}

async function readJson(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > REQUEST_BYTES_MAX) throw new Error('the request is too large for a stand-in');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  const value: unknown = text === '' ? {} : JSON.parse(text);
  return isObject(value) ? value : {};
}

function sendJson(response: ServerResponse, body: JsonObject): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
