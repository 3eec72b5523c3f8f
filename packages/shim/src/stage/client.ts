/** Stands in for the agent's HTTP client in tests: asks through a proxy. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectTls, type TLSSocket } from 'node:tls';

export interface Asked {
  method?: string;
  path?: string;
  host: string;
  port?: number;
  headers?: Record<string, string>;
  body?: Buffer | string;
  /** PEM to trust; none means that nothing is. */
  ca?: string;
  /** Server name in TLS, if not the host. */
  sni?: string;
}

export interface Answered {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** A Unix socket, or a port of the loopback address. */
export type ProxyAddress = string | number;

function at(proxy: ProxyAddress): { socketPath: string } | { host: string; port: number } {
  return typeof proxy === 'string' ? { socketPath: proxy } : { host: '127.0.0.1', port: proxy };
}

/** CONNECT; the status is the proxy's, the socket is open when it is 200. */
export function connect(
  proxy: ProxyAddress,
  authority: string,
): Promise<{ status: number; body: string; socket: IncomingMessage['socket'] }> {
  return new Promise((resolve, reject) => {
    const call = httpRequest({ ...at(proxy), method: 'CONNECT', path: authority });
    call.on('error', reject);
    call.on('connect', (answer, socket, head) => {
      let body = head.toString();
      const status = answer.statusCode ?? 0;
      if (status === 200) resolve({ status, body, socket });
      else {
        socket.on('data', (chunk) => {
          body += chunk;
        });
        socket.on('end', () => resolve({ status, body, socket }));
      }
    });
    call.end();
  });
}

export async function askTls(proxy: ProxyAddress, asked: Asked): Promise<Answered> {
  const tunnel = await connect(proxy, `${asked.host}:${asked.port ?? 443}`);
  if (tunnel.status !== 200) {
    return { status: tunnel.status, headers: {}, body: Buffer.from(tunnel.body) };
  }
  const tls = connectTls({
    socket: tunnel.socket,
    servername: asked.sni ?? asked.host,
    ca: asked.ca ?? [],
    // The name is the test's business, the chain is checked.
    checkServerIdentity: () => undefined,
  });
  await new Promise<void>((resolve, reject) => {
    tls.on('secureConnect', resolve);
    tls.on('error', reject);
  });
  return askOn(tls, asked);
}

/** One request on a connection that is open. */
export function askOn(tls: TLSSocket, asked: Asked): Promise<Answered> {
  return finish(
    httpRequest({
      createConnection: () => tls,
      method: asked.method ?? 'GET',
      path: asked.path ?? '/',
      headers: { host: asked.host, ...asked.headers },
    }),
    asked.body,
  );
}

/** `GET http://host/path`, as clients of plain HTTP do. */
export function askPlain(proxy: ProxyAddress, asked: Asked): Promise<Answered> {
  const host = `${asked.host}${asked.port === undefined ? '' : `:${asked.port}`}`;
  return finish(
    httpRequest({
      ...at(proxy),
      method: asked.method ?? 'GET',
      path: `http://${host}${asked.path ?? '/'}`,
      headers: { host, ...asked.headers },
    }),
    asked.body,
  );
}

function finish(
  call: ReturnType<typeof httpRequest>,
  body: Buffer | string | undefined,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    call.on('error', reject);
    call.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    call.end(body);
  });
}
