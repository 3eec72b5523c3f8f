/** What the proxy itself says to a client, and which headers are not handed on. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Said {
  status: 400 | 403 | 502;
  code: 'EGRESS_REFUSED' | 'EGRESS_UNAUDITED' | 'EGRESS_FAILED';
  message: string;
  hint: string;
}

const REASONS = { 400: 'Bad Request', 403: 'Forbidden', 502: 'Bad Gateway' } as const;

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

/** RFC 9110, 7.6.1, and what clients say to a proxy only. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
  'expect',
]);

/** Raw headers to hand on; those that `connection` names go as well. */
export function endToEnd(raw: string[]): string[] {
  const named = new Set<string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (raw[i]!.toLowerCase() !== 'connection') continue;
    for (const name of raw[i + 1]!.split(',')) named.add(name.trim().toLowerCase());
  }
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    if (!HOP_BY_HOP.has(name) && !named.has(name)) kept.push(raw[i]!, raw[i + 1]!);
  }
  return kept;
}

function bodyOf({ code, message, hint }: Said): Buffer {
  return Buffer.from(`${JSON.stringify({ code, message, hint })}\n`);
}
