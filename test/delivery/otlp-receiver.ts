/**
 * An OTLP receiver that takes what it is told to take, as the specification lets it: it says how
 * many records of a request it rejects, and not which.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import {
  decodeExport,
  decodeLogsRequest,
  encodeExportResponse,
  encodeStatus,
  GRPC_STATUS,
} from '@vitrine/schema';

/** In words longer than a length of one byte, which only the bytes of an answer hold. */
const REASON = 'the timestamp is too old for the storage behind this receiver. '.repeat(4).trim();

export class OtlpReceiver {
  readonly #server: Server;
  /** `log.record.uid` of what was taken, in order. */
  readonly taken: string[] = [];
  requests = 0;
  /** Rejected, behind a 200. */
  rejects: (uid: string) => boolean = () => false;
  /** Refused with 400, and the whole request with it. */
  refuses: (uid: string) => boolean = () => false;
  /** Statuses of the next requests, instead of an answer. */
  readonly failing: number[] = [];

  private constructor() {
    this.#server = createServer((request, response) => void this.#receive(request, response));
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((done) => receiver.#server.listen(0, '127.0.0.1', done));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await buffer(request);
    this.requests += 1;
    const type = request.headers['content-type']!;
    const encoding = type === 'application/json' ? 'json' : 'protobuf';
    const failing = this.failing.shift();
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const uids = encoding === 'json' ? uidsOfJson(body) : uidsOfProtobuf(body);
    const status = failing ?? (uids.some((uid) => this.refuses(uid)) ? 400 : 200);
    response.writeHead(status, { 'content-type': type });
    if (status !== 200) {
      response.end(encodeStatus(encoding, GRPC_STATUS.invalidArgument, 'it is refused'));
      return;
    }
    const taken = uids.filter((uid) => !this.rejects(uid));
    this.taken.push(...taken);
    const rejected = uids.length - taken.length;
    const partial = rejected === 0 ? undefined : { rejected, message: REASON };
    response.end(encodeExportResponse('logs', encoding, partial));
  }
}

function uidsOfProtobuf(body: Buffer): string[] {
  return decodeLogsRequest(body).map(({ attributes }) => String(attributes['log.record.uid']));
}

function uidsOfJson(body: Buffer): string[] {
  const exported = decodeExport('logs', 'json', body);
  if (exported.signal !== 'logs') return [];
  return exported.groups.flatMap(({ items }) =>
    items.map(({ attributes }) => {
      return String(attributes.find(({ key }) => key === 'log.record.uid')?.value);
    }),
  );
}
