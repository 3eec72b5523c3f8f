/**
 * One unary call from its head to its trailers. The sender's deadline ends the call for the sender;
 * what was handed on by then is finished all the same, and may be durable without having been told.
 */
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { SchemaError } from '../../error.ts';
import { GRPC_MESSAGE_BYTES_MAX } from '../../limits.ts';
import type { Signal } from '../model.ts';
import { BodyBuffer } from '../receive/body.ts';
import type { Memory } from '../receive/budget.ts';
import { type RpcFailure, sendFailure, sendMessage } from './answer.ts';
import { MessageReader } from './frame.ts';
import { httpStatusOf, readHead } from './head.ts';

export interface ExportCall<Caller> {
  signal: Signal;
  /** What `welcome` gave. */
  caller: Caller;
  /** Address of the sender; empty on a Unix socket. */
  peer: string;
  /** The request message, unpacked; the receiver's until `take` has settled. */
  body: Buffer;
  /** When its head came, by `performance.now()`. */
  started: number;
}

export interface CallHandler<Caller> {
  /** Memory for a message of this caller, before any of it is read. What it throws is answered. */
  memoryFor(caller: Caller): Memory;
  /** Of one message, as sent and unpacked; `GRPC_MESSAGE_BYTES_MAX` if it is not given. */
  messageBytesMax?: number;
  /** How long a message may take to arrive, in milliseconds. */
  requestMsMax: number;
  /** Says who calls, before anything of the message is read. What it throws is answered. */
  welcome(headers: IncomingHttpHeaders): Caller;
  /** Resolves with the response message once the request is durable. */
  take(call: ExportCall<Caller>): Promise<Uint8Array>;
  /** A welcome caller's message that could not be read: it never comes to `take`. */
  lost?(error: SchemaError): void;
  failureOf(error: unknown): RpcFailure;
}

/** The sender took the call back before its message was whole. */
const GIVEN_UP = new Error('the call was given up');

/** Resolves when the call is answered, or its sender has gone. `onWelcome`: the caller is known. */
export async function answerCall<Caller>(
  handler: CallHandler<Caller>,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  onWelcome: () => void,
): Promise<void> {
  const started = performance.now();
  const deadline = new Deadline();
  let body: BodyBuffer | undefined;
  let taken: Promise<Uint8Array> | undefined;
  try {
    const { signal, encoding, timeoutMs } = readHead(headers);
    const caller = handler.welcome(headers);
    onWelcome();
    if (timeoutMs !== undefined) deadline.after(timeoutMs, 'the deadline of the call has passed');
    const bytesMax = handler.messageBytesMax ?? GRPC_MESSAGE_BYTES_MAX;
    body = new BodyBuffer(handler.memoryFor(caller), bytesMax);
    const message = await readMessage(handler, stream, new MessageReader(encoding, body), deadline);
    const peer = stream.session?.socket?.remoteAddress ?? '';
    taken = handler.take({ signal, caller, peer, body: message, started });
    sendMessage(stream, await deadline.race(taken));
  } catch (error) {
    // Nobody listens any more, and it is no fault of anybody's.
    if (error === GIVEN_UP) return;
    sendFailure(stream, httpStatusOf(headers), handler.failureOf(error));
  } finally {
    deadline.clear();
    const release = (): void => body?.release();
    if (taken === undefined) release();
    else taken.then(release, release);
  }
}

/** Rejects with what the bytes are guilty of, with GRPC_DEADLINE, or when the sender gives up. */
function readMessage<Caller>(
  { requestMsMax, lost }: CallHandler<Caller>,
  stream: ServerHttp2Stream,
  reader: MessageReader,
  deadline: Deadline,
): Promise<Buffer> {
  const read = Promise.withResolvers<Buffer>();
  const attempt = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      if (error instanceof SchemaError) lost?.(error);
      read.reject(error);
      stop();
    }
  };
  const take = (chunk: Buffer): void => attempt(() => reader.add(chunk));
  const end = (): void =>
    attempt(() => {
      // The end of a call that was given up is not the end of its message.
      if (stream.aborted || stream.rstCode !== 0) throw GIVEN_UP;
      read.resolve(reader.end());
    });
  const gone = (): void => read.reject(GIVEN_UP);
  const stop = (): void => {
    stream.off('data', take).off('end', end).off('close', gone);
  };
  stream.on('data', take).on('end', end).on('close', gone);
  const late = `the message took more than ${requestMsMax} ms to arrive`;
  const timer = deadline.after(requestMsMax, late);
  return deadline.race(read.promise).finally(() => {
    clearTimeout(timer);
    stop();
  });
}

/** Whichever time is over first ends what is raced against it. */
class Deadline {
  readonly #over = Promise.withResolvers<never>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor() {
    // It may be over while nothing is raced against it.
    this.#over.promise.catch(() => {});
  }

  after(ms: number, message: string): NodeJS.Timeout {
    const over = (): void => this.#over.reject(new SchemaError('GRPC_DEADLINE', message));
    const timer = setTimeout(over, ms);
    this.#timers.push(timer);
    return timer;
  }

  race<Value>(work: Promise<Value>): Promise<Value> {
    return Promise.race([work, this.#over.promise]);
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
