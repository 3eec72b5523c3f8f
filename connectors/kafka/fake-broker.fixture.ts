/**
 * The first words of a Kafka broker on loopback, for what a real one cannot be made to say without
 * a cluster: which brokers there are. Speaks ApiVersions and Metadata v0 and takes nothing.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** kafka.apache.org/protocol, "API Keys". */
const METADATA = 3;
const API_VERSIONS = 18;
const HEADER_BYTES = 12;

export class FakeBroker {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Says that one broker at `host:port` leads the only partition of any topic. */
  static async start(leader: { host: string; port: number }): Promise<FakeBroker> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      answerAll(socket, leader);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FakeBroker(server, sockets);
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

function answerAll(socket: Socket, leader: { host: string; port: number }): void {
  let held = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
      const request = held.subarray(4, 4 + held.readInt32BE(0));
      held = held.subarray(4 + request.length);
      const body = answerTo(request, leader);
      socket.write(Buffer.concat([int32(4 + body.length), request.subarray(4, 8), body]));
    }
  });
}

function answerTo(request: Buffer, { host, port }: { host: string; port: number }): Buffer {
  switch (request.readInt16BE(0)) {
    case API_VERSIONS: {
      const versions = [METADATA, API_VERSIONS].map((key) => [int16(key), int16(0), int16(0)]);
      return Buffer.concat([int16(0), int32(versions.length), ...versions.flat(), int32(0)]);
    }
    case METADATA: {
      const brokers = [int32(1), int32(7), text(host), int32(port)];
      const partition = [int16(0), int32(0), int32(7), int32(0), int32(0)];
      const topics = [int32(1), int16(0), text(topicIn(request)), int32(1), ...partition];
      return Buffer.concat([...brokers, ...topics]);
    }
    default:
      throw new Error(`nobody should ask for API ${request.readInt16BE(0)}`);
  }
}

/** The only topic of a Metadata request v0: after the header with the client's name. */
function topicIn(request: Buffer): string {
  const at = HEADER_BYTES - 2 + request.readInt16BE(8) + 4;
  return request.toString('utf8', at + 2, at + 2 + request.readInt16BE(at));
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}
