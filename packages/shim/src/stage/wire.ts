/**
 * Bytes as they are on the wire, in tests: a destination that keeps what it gets, and a client that
 * sends what no HTTP library would.
 */
import {
  type AddressInfo,
  connect as connectSocket,
  createServer,
  type Server,
  type Socket,
} from 'node:net';
import { connect as connectTls } from 'node:tls';
import { connect } from './client.ts';

/** Answers what it is told to, and understands nothing. */
export class StageWire {
  readonly port: number;
  /** All that came, of all connections. */
  got = '';
  /** Sent when something came. */
  says = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#sockets = sockets;
  }

  static async start(): Promise<StageWire> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        wire.got += chunk.toString('latin1');
        if (wire.got.endsWith('\r\n\r\n') || wire.got.endsWith('}')) socket.write(wire.says);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const wire = new StageWire(server, sockets);
    return wire;
  }

  /** Ends every connection there is. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async end(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }
}

/** Sends these bytes to the proxy and resolves with the first bytes it answers. */
export function sendPlain(proxy: string, text: string): Promise<string> {
  return firstAnswer(connectSocket(proxy), text);
}

/** The same through a tunnel. */
export async function sendTls(
  proxy: string,
  text: string,
  { host, ca }: { host: string; ca: string },
): Promise<string> {
  const { socket } = await connect(proxy, `${host}:443`);
  return firstAnswer(connectTls({ socket, servername: host, ca }), text);
}

function firstAnswer(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(chunk.toString('latin1'));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without an answer')));
    socket.write(text, 'latin1');
  });
}
