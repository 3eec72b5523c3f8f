/** One request to a contract server, and all of the answer, as the tests of the servers want it. */
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Parsed where it is JSON, the text otherwise. */
  body: unknown;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Gives up on the answer. */
  signal?: AbortSignal;
}

/** A connection for each request: a reset must end that one only. */
const agent = new Agent({ keepAlive: false });

/** Sends no header that it was not given, but `Host` and the length. Rejects when cut off. */
export async function ask(url: string, { body = '', ...options }: Ask): Promise<Answer> {
  const sent = request(url, { method: 'POST', agent, ...options });
  sent.end(body);
  const response = await new Promise<IncomingMessage>((done, failed) => {
    sent.once('response', done).once('error', failed);
  });
  const { statusCode = 0, headers } = response;
  const words = await text(response);
  const isJson = headers['content-type'] === 'application/json';
  return { status: statusCode, headers, body: isJson ? (JSON.parse(words) as unknown) : words };
}
