/**
 * A relay that lies, written from the description of OPP/1 alone: HTTP/1.1 on a Unix socket, OTLP
 * pages encoded by hand. It serves one chain of records that the test has made.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from './collector-process.ts';
import { PROTOBUF, pageBody, pageRecord } from './otlp.ts';

const BOOT_BYTES = 8;
const MAC_KEY_BYTES = 32;
const HASH_BYTES = 32;
/** Records of one page: a lie stands at the beginning of a page, with more behind it. */
const PAGE_RECORDS = 3;
const POLL_MS = 20;

export interface MadeRecord {
  kind: string;
  bytes: Buffer;
  mac: Buffer;
}

/** What is wrong with a record. */
export type Lie = 'none' | 'not canonical' | 'not linked' | 'not authentic';

/** Where a chain stands that another relay has begun, and what whoever took that over has of it. */
export interface Taken {
  chain: string;
  socket: string;
  /** The MAC key of the next record. */
  key: Buffer;
  /** Number of the next record, and the leaf hash of the one before. */
  seq: number;
  prev: Buffer;
}

export class FakeRelay {
  readonly session: string;
  readonly chain: string;
  readonly socket: string;
  readonly macKey = randomBytes(MAC_KEY_BYTES);
  readonly records: MadeRecord[] = [];
  /** Times that a record was given out, by its place. */
  readonly served: number[] = [];
  readonly #shim: string;
  /** Number of its first record. */
  readonly #first: number;
  #prev: Buffer;
  #key: Buffer;
  #acked: number;

  constructor(stage: Stage, session: string, taken?: Taken) {
    this.session = session;
    const own = `${session}/${randomBytes(BOOT_BYTES).toString('hex')}.boundary`;
    this.chain = taken?.chain ?? own;
    this.#shim = this.chain.slice(session.length + 1);
    this.socket = taken?.socket ?? join(stage.dir, `${session}.sock`);
    this.#key = taken?.key ?? hmac(this.macKey, this.chain);
    this.#prev = taken?.prev ?? Buffer.alloc(HASH_BYTES);
    this.#first = taken?.seq ?? 0;
    this.#acked = this.#first - 1;
    const server = createServer((request, response) => {
      void this.#answer(request, response);
    });
    server.listen(this.socket);
    stage.atEnd(() => {
      server.closeAllConnections();
      server.close();
    });
  }

  /** Makes the next record of the chain; those behind a lie are linked to it. */
  add(kind: string, fields: object, lie: Lie = 'none'): MadeRecord {
    const prev = lie === 'not linked' ? randomBytes(HASH_BYTES) : this.#prev;
    const record = {
      ...fields,
      kind,
      parts: {},
      prev: prev.toString('base64'),
      seq: this.#first + this.records.length,
      session: this.session,
      shim: this.#shim,
      t: String(BigInt(Date.now()) * 1_000_000n),
      v: 1,
    };
    const sorted = Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const text = JSON.stringify(Object.fromEntries(sorted));
    const bytes = Buffer.from(lie === 'not canonical' ? text.replace('{', '{ ') : text);
    const mac = lie === 'not authentic' ? randomBytes(HASH_BYTES) : hmac(this.#key, bytes);
    this.#key = hmac(this.#key, 'opp1');
    this.#prev = createHash('sha256').update(Buffer.of(0)).update(bytes).digest();
    const made = { kind, bytes, mac };
    this.records.push(made);
    this.served.push(0);
    return made;
  }

  get #last(): number {
    return this.#first + this.records.length - 1;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
    switch (`${request.method} ${request.url}`) {
      case 'POST /opp/v1/pull':
        await this.#pull(body.after?.[this.chain] ?? this.#acked, body.wait_ms ?? 0, response);
        break;
      case 'POST /opp/v1/ack':
        this.#acked = Math.max(this.#acked, body.seq);
        response.writeHead(204).end();
        break;
      case 'POST /opp/v1/drain':
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ chains: [{ chain: this.chain, seq: this.#last }] }));
        break;
      default:
        response.writeHead(404).end('{"error":"bad_request","message":"no such path"}');
    }
  }

  async #pull(after: number, waitMs: number, response: ServerResponse): Promise<void> {
    const deadline = performance.now() + waitMs;
    while (after >= this.#last && performance.now() < deadline) await sleep(POLL_MS);
    const first = Math.max(after + 1, this.#first);
    const at = first - this.#first;
    const page = this.records.slice(at, at + PAGE_RECORDS);
    const last = first + page.length - 1;
    for (let i = 0; i < page.length; i++) this.served[at + i]!++;
    const place = { 'opp-chain': this.chain, 'opp-first-seq': first, 'opp-last-seq': last };
    response.writeHead(200, {
      'content-type': PROTOBUF,
      'opp-more': last < this.#last ? '1' : '0',
      ...(page.length === 0 ? {} : place),
    });
    response.end(pageBody(page.map(({ bytes, kind, mac }) => pageRecord(bytes, kind, mac))));
  }
}

function hmac(key: Buffer, data: Buffer | string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
