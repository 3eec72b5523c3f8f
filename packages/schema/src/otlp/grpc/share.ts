/**
 * Lets one listener serve HTTP/1.1 and gRPC: HTTP/2 begins with a preface that no HTTP/1.1 request
 * begins with (RFC 9113 §3.4), so the first bytes of a connection say which it is.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { GrpcServer } from './server.ts';

/** Enough of `PRI * HTTP/2.0`: no method of HTTP/1.1 begins like it. */
const PREFACE = Buffer.from('PRI');
/** What Node's own server says to a connection that is late. */
const TIMED_OUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/**
 * `msMax`: a connection that has not said so much by then is cut. What is returned cuts all that
 * have not, for an end: neither server knows of them.
 */
export function shareListener<Caller>(
  server: Server,
  grpc: GrpcServer<Caller>,
  msMax: number,
): () => void {
  const [http] = server.listeners('connection');
  const undecided = new Set<Socket>();
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    let first = Buffer.alloc(0);
    const cut = (): void => void socket.destroy();
    const late = setTimeout(() => socket.end(TIMED_OUT, cut), msMax);
    const look = (): void => {
      const more = socket.read() as Buffer | null;
      if (more === null) return;
      first = Buffer.concat([first, more]);
      if (first.length < PREFACE.length && PREFACE.indexOf(first) === 0) return;
      clearTimeout(late);
      undecided.delete(socket);
      socket.off('readable', look).off('end', cut).off('error', cut);
      socket.unshift(first);
      if (first.subarray(0, PREFACE.length).equals(PREFACE)) grpc.take(socket);
      else Reflect.apply(http!, server, [socket]);
    };
    socket.on('readable', look).on('end', cut).on('error', cut);
    undecided.add(socket);
    socket.once('close', () => {
      clearTimeout(late);
      undecided.delete(socket);
    });
  });
  return () => {
    for (const socket of undecided) socket.destroy();
  };
}
