/**
 * Stands in for servers on the internet in tests of proxies: TLS for any name with an authority of
 * its own, HTTP/1.1 and HTTP/2, and an echo for WebSockets.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { RunAuthority } from '../egress/certificate.ts';

export const BIG_ANSWER_BYTES = 1_000_000;
/** RFC 6455 §1.3. */
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export class StageUpstream {
  readonly port: number;
  readonly caFile: string;
  /** Bodies of all requests, each as it came. */
  readonly bodies: Buffer[] = [];
  readonly #server: Http2SecureServer;
  readonly #sockets: Set<Socket>;

  private constructor(server: Http2SecureServer, caFile: string, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.caFile = caFile;
    this.port = (server.address() as AddressInfo).port;
    server.on('request', (request, response) => {
      // Begins to answer before the request has ended.
      if (request.url === '/early') request.once('data', () => response.write('early'));
      void bodyOf(request).then((body) => {
        this.bodies.push(body);
        if (request.url === '/big') {
          response.write('x'.repeat(BIG_ANSWER_BYTES / 2));
          setTimeout(() => response.end('x'.repeat(BIG_ANSWER_BYTES / 2)), 10);
          return;
        }
        if (request.url === '/early') return void response.end();
        const answer = JSON.stringify({ bytes: body.length });
        response.setHeader('content-length', answer.length);
        response.end(answer);
      });
    });
    server.on('upgrade', echo);
  }

  static async start(dir: string): Promise<StageUpstream> {
    const authority = await RunAuthority.create(Date.now());
    const caFile = join(dir, 'upstream-ca.pem');
    writeFileSync(caFile, authority.certificate);
    const server = createSecureServer({
      allowHTTP1: true,
      SNICallback: (name, done) => {
        authority.contextFor(name).then((context) => done(null, context), done);
      },
    });
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {});
    });
    server.on('sessionError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StageUpstream(server, caFile, sockets);
  }

  async end(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

async function bodyOf(request: Http2ServerRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // Its client left: what came is what there is.
  }
  return Buffer.concat(chunks);
}

/** Sends back the first message, which must be short, and then says good-bye. */
function echo(request: { headers: Record<string, unknown> }, socket: Duplex): void {
  const key = String(request.headers['sec-websocket-key']);
  const accept = createHash('sha1')
    .update(key + WEBSOCKET_GUID)
    .digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: upgrade'];
  socket.write(`${[...head, `sec-websocket-accept: ${accept}`].join('\r\n')}\r\n\r\n`);
  socket.once('data', (frame: Buffer) => {
    const length = frame[1]! & 127;
    const mask = frame.subarray(2, 6);
    const payload = frame.subarray(6, 6 + length).map((byte, i) => byte ^ mask[i % 4]!);
    socket.write(Buffer.from([0x81, length, ...payload]));
    // Status 1000, RFC 6455 §7.4.1.
    socket.end(Buffer.from([0x88, 2, 3, 232]));
  });
  socket.on('error', () => {});
}
