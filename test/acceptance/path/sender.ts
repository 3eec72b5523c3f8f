/**
 * A client inside the test: pushes marked events, each in a request of its own, and remembers which
 * were acknowledged.
 */
import type { RunFile } from './collector-process.ts';
import type { Account } from './ledger.ts';
import {
  JSON_TYPE,
  jsonBody,
  type Post,
  type PostAnswer,
  PROTOBUF,
  post,
  protobufBody,
} from './otlp.ts';

const NS_PER_MS = 1_000_000n;

export class Sender implements Account {
  readonly sent = new Set<string>();
  readonly acked = new Set<string>();
  readonly repeated = 0;
  readonly #session: string;
  readonly #token: string;
  #url: string;
  #serial = 0;

  constructor(run: RunFile, token: string, session: string) {
    this.#url = `${run.otlp_http}/v1/logs`;
    this.#token = token;
    this.#session = session;
  }

  /** The collector was started again, perhaps on another port. */
  follow(run: RunFile): void {
    this.#url = `${run.otlp_http}/v1/logs`;
  }

  /** The next event's request, by turns in protobuf and in JSON; `fill` makes it larger. */
  next(fill = 0): Post & { id: string } {
    const id = `${this.#session}.${this.#serial++}`;
    const t = String(BigInt(Date.now()) * NS_PER_MS);
    const events = [{ id, session: this.#session, t, fill: 'x'.repeat(fill) }];
    const isJson = this.#serial % 2 === 0;
    return {
      id,
      url: this.#url,
      token: this.#token,
      type: isJson ? JSON_TYPE : PROTOBUF,
      body: isJson ? jsonBody(events) : protobufBody(events),
    };
  }

  /** Rejects when the connection is lost: the event is in doubt then. */
  async send(request = this.next()): Promise<PostAnswer> {
    this.sent.add(request.id);
    const answer = await post({ ...request, url: this.#url });
    if (answer.status === 200) this.acked.add(request.id);
    return answer;
  }
}
