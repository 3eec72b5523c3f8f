/**
 * One request through the proxy. Its event is durable at the relay before the client gets a byte of
 * the answer; if the relay does not take it in time, the client gets 502 and nothing else. Bodies
 * stream through and are counted.
 *
 * The event is written when the request is sent and the answer has begun, or a second after it was
 * sent: an upload must not stay unseen because its receiver is slow. What is not known by then
 * (status, size of a streamed answer) follows in an event `egress.response` when it is.
 */
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import {
  EGRESS_ANSWER_MS_MAX,
  EGRESS_AUDIT_MS_MAX,
  EGRESS_CONNECT_MS_MAX,
  EGRESS_IDLE_MS_MAX,
} from '@vitrine/schema';
import { ShimError, systemCode } from '../error.ts';
import type { ShimEvent } from '../send/event.ts';
import { answer } from './answer.ts';
import { answerHeaders, misframed, requestHeaders } from './framing.ts';
import { decisionMembers, eventOf, type Members, type Place } from './heard.ts';
import type { HostRule } from './host-rule.ts';
import { declaredLength, type Peeked, peek } from './peek.ts';
import type { Upstreams } from './upstream.ts';

export interface Request {
  request: IncomingMessage;
  response: ServerResponse;
  rule: HostRule;
  place: Place;
  /** Path and query. */
  target: string;
  /** What the record says of it whatever becomes of it. */
  members: Members;
}

export interface Way {
  upstreams: Upstreams;
  /** Resolves when the event is durable; rejects when it is not in time. */
  report: (event: ShimEvent, boundMs: number) => Promise<void>;
}

export class Exchange {
  readonly #way: Way;
  readonly #at: Request;
  readonly #upstream: ClientRequest;
  #requestBytes = 0;
  #address: string | undefined;
  /** The `egress.request` event has been handed over. */
  #told = false;

  constructor(way: Way, at: Request) {
    this.#way = way;
    this.#at = at;
    const { request, rule, place, target } = at;
    this.#upstream = way.upstreams.request(rule, {
      method: request.method ?? 'GET',
      path: target,
      headers: requestHeaders(request, place),
      secure: place.secure,
    });
  }

  /** Never throws: what goes wrong is told to the relay and to the client. */
  async run(): Promise<void> {
    const { response } = this.#at;
    const left = new Promise<never>((_, reject) => {
      response.on('close', () => {
        if (!response.writableFinished) reject(new Error('the client left'));
      });
    });
    left.catch(() => {});
    const answered = this.#answered();
    answered.catch(() => {});
    try {
      await Promise.race([this.#transfer(answered), left]);
    } catch (error) {
      await this.#failed(error as Error);
    } finally {
      if (!response.writableFinished || !this.#upstream.writableFinished) this.#upstream.destroy();
    }
  }

  async #transfer(answered: Promise<IncomingMessage>): Promise<void> {
    const sent = this.#send();
    sent.catch(() => {});
    const early = await Promise.race([answered, sent.then(() => undefined)]);
    // A refusal may come before the whole body is there; anything else has to wait for its size.
    if (early === undefined) await sent;
    else if ((early.statusCode ?? 0) >= 400 || !(await this.#isSent(sent, early))) {
      this.#sendNoMore();
    }
    const begun = early ?? (await soon(answered, EGRESS_ANSWER_MS_MAX));
    if (begun === undefined) {
      await this.#tell({});
      await this.#handOn(await answered, undefined, true);
      return;
    }
    if (begun.destroyed && !begun.complete) throw new Error('the answer broke off');
    const peeked = await peek(begun, this.#at.request.method === 'HEAD');
    const status = begun.statusCode ?? 0;
    const { bytes } = peeked;
    await this.#tell({
      'http.status': status,
      ...(bytes === undefined ? {} : { 'http.resp_bytes': bytes }),
    });
    await this.#handOn(begun, peeked, bytes === undefined);
  }

  /** Resolves when the last byte of the request has been handed on. */
  #send(): Promise<void> {
    const { request } = this.#at;
    return new Promise((resolve, reject) => {
      request.on('data', (chunk: Buffer) => {
        this.#requestBytes += chunk.length;
      });
      request.on('end', resolve);
      request.on('error', () => reject(new Error('the client left')));
      request.pipe(this.#upstream);
    });
  }

  /** False when nobody takes the rest: the answer is whole already, or the connection is gone. */
  async #isSent(sent: Promise<void>, early: IncomingMessage): Promise<boolean> {
    const isDone = sent.then(() => true);
    while ((await soon(isDone, EGRESS_ANSWER_MS_MAX)) === undefined) {
      // Node hands on no more of a request whose answer it has.
      if (early.complete || this.#upstream.destroyed) return false;
    }
    return true;
  }

  /** What is recorded as sent is all that is sent: the rest is read and dropped. */
  #sendNoMore(): void {
    const { request } = this.#at;
    if (request.complete) return;
    request.unpipe(this.#upstream);
    request.resume();
  }

  #answered(): Promise<IncomingMessage> {
    const upstream = this.#upstream;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        upstream.destroy(new Error(`no connection in ${EGRESS_CONNECT_MS_MAX} ms`));
      }, EGRESS_CONNECT_MS_MAX);
      const reached = (): void => {
        clearTimeout(late);
        this.#address ??= upstream.socket?.remoteAddress;
      };
      upstream.on('socket', (socket) => {
        if (!socket.connecting) reached();
        else socket.once(this.#at.place.secure ? 'secureConnect' : 'connect', reached);
      });
      upstream.setTimeout(EGRESS_IDLE_MS_MAX, () => {
        upstream.destroy(new Error(`silent for ${EGRESS_IDLE_MS_MAX} ms`));
      });
      upstream.on('error', (error) => {
        clearTimeout(late);
        reject(error);
      });
      const begun = (answer: IncomingMessage): void => {
        const wrong = misframed(answer);
        if (wrong === undefined) resolve(answer);
        else reject(new Error(wrong));
      };
      upstream.on('response', begun);
      // Without a listener Node closes the connection and says nothing.
      upstream.on('upgrade', (answer, socket) => {
        socket.destroy();
        begun(answer);
      });
    });
  }

  /** The one `egress.request` of this request. Throws EGRESS_UNAUDITED. */
  async #tell(known: Members): Promise<void> {
    this.#told = true;
    try {
      await this.#way.report(this.#event('egress.request', known), EGRESS_AUDIT_MS_MAX);
    } catch (cause) {
      const message = 'the record of this request could not be kept, so it is not answered';
      const hint = 'the audit relay is away or full; try again';
      throw new ShimError('EGRESS_UNAUDITED', message, hint, { cause });
    }
  }

  /** `unknown`: the event could not say how the answer ended. */
  async #handOn(
    from: IncomingMessage,
    peeked: Peeked | undefined,
    unknown: boolean,
  ): Promise<void> {
    const { response } = this.#at;
    const headers = answerHeaders(from);
    // The rest of a request that was refused early is not read.
    if (!this.#at.request.complete) headers.push('connection', 'close');
    response.writeHead(from.statusCode ?? 502, headers);
    let bytes = peeked?.read ?? 0;
    for (const chunk of peeked?.chunks ?? []) response.write(chunk);
    await new Promise<void>((resolve, reject) => {
      if (peeked?.ended === true) {
        response.end(resolve);
        return;
      }
      from.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      from.on('error', reject);
      response.on('finish', resolve);
      from.pipe(response);
    });
    const declared = declaredLength(from);
    const cut = !from.complete || (declared !== undefined && declared !== bytes);
    const isHead = this.#at.request.method === 'HEAD';
    if (cut && !isHead) throw new Error(`the answer ended after ${bytes} bytes`);
    if (!unknown) return;
    const known = { 'http.status': from.statusCode ?? 0, 'http.resp_bytes': bytes };
    await this.#way.report(this.#event('egress.response', known), EGRESS_AUDIT_MS_MAX);
  }

  async #failed(error: Error): Promise<void> {
    const { response } = this.#at;
    this.#upstream.destroy();
    const unaudited = error instanceof ShimError && error.code === 'EGRESS_UNAUDITED';
    const refused = error instanceof ShimError && error.code === 'EGRESS_REFUSED';
    const reason = error instanceof ShimError ? error.message : reasonOf(error);
    const status = refused ? 403 : 502;
    const verdict = refused ? decisionMembers({ value: 'reject', rule: 'internal address' }) : {};
    const members = { ...verdict, 'http.denied': refused, 'http.error': reason };
    const events: ShimEvent[] = [];
    // It was, or may have been, sent: then it is a request, whatever its sender did next.
    if (!this.#told && (refused || this.#address !== undefined)) {
      events.push(
        this.#event('egress.request', refused ? { ...members, 'http.status': 403 } : members),
      );
    }
    if (!refused) events.push(this.#event('egress.error', { ...members, reason }));
    this.#told = true;
    const kept = await Promise.allSettled(
      events.map((event) => this.#way.report(event, unaudited ? 0 : EGRESS_AUDIT_MS_MAX)),
    );
    const lost = kept.some(({ status: outcome }) => outcome === 'rejected');
    if (lost || unaudited) answer(response, UNAUDITED);
    else if (refused)
      answer(response, { status, code: 'EGRESS_REFUSED', message: reason, hint: error.hint });
    else answer(response, { status, code: 'EGRESS_FAILED', message: reason, hint: FAILED_HINT });
  }

  #event(kind: string, known: Members): ShimEvent {
    const address = this.#address === undefined ? {} : { 'net.dst_ip': this.#address };
    const bytes = { 'http.req_bytes': this.#requestBytes };
    return eventOf(kind, { ...this.#at.members, ...address, ...bytes, ...known });
  }
}

const FAILED_HINT = 'the destination could not be reached, or broke off';

export const UNAUDITED = {
  status: 502,
  code: 'EGRESS_UNAUDITED',
  message: 'the record of this request could not be kept, so it is not answered',
  hint: 'the audit relay is away or full; try again',
} as const;

/** Never the text of an error: some quote what was sent. */
function reasonOf(error: Error): string {
  return systemCode(error) ?? error.message;
}

async function soon<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
