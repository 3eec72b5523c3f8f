/** What the proxy itself says to a client. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { EGRESS_HEADER_BYTES_MAX } from '@vitrine/schema';

export interface Said {
  status: 400 | 403 | 502;
  code: 'EGRESS_REFUSED' | 'EGRESS_UNAUDITED' | 'EGRESS_FAILED';
  message: string;
  hint: string;
}

const REASONS = { 400: 'Bad Request', 403: 'Forbidden', 502: 'Bad Gateway' } as const;

export const NO_DESTINATION: Said = {
  status: 400,
  code: 'EGRESS_REFUSED',
  message: 'no destination',
  hint: 'CONNECT needs host:port',
};
export const NO_PROXY_REQUEST: Said = {
  status: 400,
  code: 'EGRESS_REFUSED',
  message: 'this is a proxy',
  hint: 'use CONNECT for https, and a full http:// URL for http',
};
export const UNREADABLE: Said = {
  status: 400,
  code: 'EGRESS_REFUSED',
  message: 'no valid HTTP request',
  hint: `headers have at most ${EGRESS_HEADER_BYTES_MAX} bytes`,
};

/** Ends the connection with it: the rest of the request is not read. */
export function answer(response: ServerResponse, said: Said): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = bodyOf(said);
  response.writeHead(said.status, {
    'content-type': 'application/json',
    'content-length': body.length,
    connection: 'close',
  });
  response.end(body);
}

/** For a socket that speaks no HTTP any more: CONNECT has taken it over. */
export function answerSocket(socket: Duplex, said: Said): void {
  const body = bodyOf(said);
  const head = [
    `HTTP/1.1 ${said.status} ${REASONS[said.status]}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function bodyOf({ code, message, hint }: Said): Buffer {
  return Buffer.from(`${JSON.stringify({ code, message, hint })}\n`);
}
