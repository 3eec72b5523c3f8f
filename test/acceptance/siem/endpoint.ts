/**
 * A destination over HTTP or HTTPS that keeps what came, counts who connected, and answers as it
 * is told; and a proxy before it that digs tunnels for who has the password.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { Certificate } from '../../interop/rsyslog/certificates.ts';

export interface Came {
  path: string;
  headers: Record<string, string>;
  body: string;
  /** Of the monotonic clock. */
  atMs: number;
  status: number;
}

export interface Said {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface EndpointOptions {
  certificate?: Certificate;
  /** PEM file of whose certificates clients must show. */
  clients?: string;
}

export class Endpoint {
  readonly came: Came[] = [];
  answer: (came: Omit<Came, 'status'>) => Said | 'nothing' = () => ({ status: 200 });
  /** TCP connections that were made to it. */
  connections = 0;
  readonly #server: Server | SecureServer;
  readonly #scheme: string;

  private constructor({ certificate, clients }: EndpointOptions) {
    this.#scheme = certificate === undefined ? 'http' : 'https';
    const take = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#take(request, response);
    };
    const asking = { requestCert: true, rejectUnauthorized: true };
    this.#server =
      certificate === undefined
        ? createServer(take)
        : createSecureServer(
            {
              ...pems(certificate),
              ...(clients === undefined ? {} : { ca: readFileSync(clients), ...asking }),
            },
            take,
          );
    this.#server.on('connection', () => {
      this.connections++;
    });
    this.#server.on('tlsClientError', () => {});
  }

  static async open(options: EndpointOptions = {}): Promise<Endpoint> {
    const endpoint = new Endpoint(options);
    await new Promise<void>((done) => endpoint.#server.listen(0, '127.0.0.1', done));
    return endpoint;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path: string, host = '127.0.0.1'): string {
    return `${this.#scheme}://${host}:${this.port}${path}`;
  }

  /** From the next connection on. */
  use(certificate: Certificate): void {
    (this.#server as SecureServer).setSecureContext(pems(certificate));
  }

  /** What came to one path. */
  at(path: string): Came[] {
    return this.came.filter((came) => came.path === path);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = '/', headers } = request;
    const sent = await buffer(request).catch(() => undefined);
    if (sent === undefined) return;
    const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const came = {
      path,
      headers: headers as Record<string, string>,
      body: plain.toString('utf8'),
      atMs: performance.now(),
    };
    const said = this.answer(came);
    this.came.push({ ...came, status: said === 'nothing' ? 0 : said.status });
    if (said === 'nothing') return;
    response.writeHead(said.status, said.headers).end(said.body);
  }
}

function pems({ cert, key }: Certificate): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

/** RFC 9110 §9.3.6: CONNECT, and nothing else. */
export class TunnelProxy {
  /** `host:port` of every tunnel that was dug. */
  readonly tunnels: string[] = [];
  refused = 0;
  /** Of the user `soc`. */
  password = '';
  readonly #server = createServer((_, response) => response.writeHead(405).end());
  readonly #sockets = new Set<Socket>();

  static async open(): Promise<TunnelProxy> {
    const proxy = new TunnelProxy();
    proxy.#server.on('connect', (request: IncomingMessage, client: Socket) => {
      client.on('error', () => {});
      const wanted = `Basic ${Buffer.from(`soc:${proxy.password}`).toString('base64')}`;
      if (request.headers['proxy-authorization'] !== wanted) {
        proxy.refused++;
        client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
        return;
      }
      proxy.tunnels.push(request.url!);
      const [host, port] = request.url!.split(':');
      const onward = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        client.pipe(onward).pipe(client);
      });
      onward.on('error', () => client.destroy());
      for (const socket of [client, onward]) proxy.#sockets.add(socket);
    });
    await new Promise<void>((done) => proxy.#server.listen(0, '127.0.0.1', done));
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }
}
