/** One request and its answer over a guarded dispatcher, within a time. */
import { type Dispatcher, request as undiciRequest } from 'undici';
import type { Clock } from '../clock.ts';
import type { HttpAnswer, HttpRequest, Outcome } from '../contract.ts';
import { Deadline } from './deadline.ts';
import { failureOf } from './failure.ts';

export interface ExchangeOptions {
  dispatcher: Dispatcher;
  clock: Clock;
  attemptMs: number;
  answerBytesMax: number;
  stop: AbortSignal;
}

/** What `read` makes of the answer, or what a failure before it means. Never rejects. */
export type Exchange = <T>(
  make: () => HttpRequest,
  read: (answer: HttpAnswer) => T,
  options: ExchangeOptions,
) => Promise<T | Outcome>;

export const exchange: Exchange = async (make, read, options) => {
  const { dispatcher, clock, attemptMs, answerBytesMax, stop } = options;
  const deadline = new Deadline(attemptMs, stop);
  try {
    const { url, method, headers, body = null } = make();
    const { signal } = deadline;
    const response = await undiciRequest(url, { method, headers, body, signal, dispatcher });
    return read(await readAnswer(response, clock, answerBytesMax));
  } catch (error) {
    if (deadline.late) return { kind: 'retry', reason: `no answer within ${attemptMs} ms` };
    return failureOf(error);
  } finally {
    deadline.end();
  }
};

async function readAnswer(
  response: Dispatcher.ResponseData,
  clock: Clock,
  bytesMax: number,
): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop destroys the body: an endless answer ends here.
    if (length >= bytesMax) break;
  }
  const bytes = Buffer.concat(chunks).subarray(0, bytesMax);
  const body = bytes.toString('utf8');
  const headers = Object.entries(response.headers).map(([name, value]) => {
    return [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : (value ?? '')] as const;
  });
  const { statusCode: status } = response;
  const receivedAtMs = clock.now();
  return { status, headers: Object.fromEntries(headers), body, bytes, receivedAtMs };
}
