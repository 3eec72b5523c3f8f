/** HTTP/2 frame by frame, for tests that a client of the protocol would not let happen. */
import { connect as connectSocket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** Types and flags of frames (RFC 9113 §6). */
export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const END_STREAM = 1;
export const PING = 6;
export const END_HEADERS = 4;
/** HPACK (RFC 7541): POST, http, and literal headers without indexing. */
export const EXPORT_HEADERS = Buffer.concat([
  Buffer.from([0x83, 0x86]),
  literal(':path', '/opentelemetry.proto.collector.logs.v1.LogsService/Export'),
  literal(':authority', 'localhost'),
  literal('content-type', 'application/grpc'),
]);

function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x00, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}

/** One HTTP/2 frame (RFC 9113 §4.1). */
export function h2Frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

interface H2Frame {
  type: number;
  stream: number;
  payload: Buffer;
}

/** What a connection is answered with in the time an honest answer takes. */
export async function rawFrames(port: number, frames: Buffer[]): Promise<H2Frame[]> {
  const socket = connectSocket(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(Buffer.concat(frames));
  await sleep(300);
  socket.destroy();
  const bytes = Buffer.concat(chunks);
  const answered: H2Frame[] = [];
  for (let at = 0; at + 9 <= bytes.length; ) {
    const length = bytes.readUIntBE(at, 3);
    const payload = bytes.subarray(at + 9, at + 9 + length);
    answered.push({ type: bytes[at + 3]!, stream: bytes.readUInt32BE(at + 5), payload });
    at += 9 + length;
  }
  return answered;
}
