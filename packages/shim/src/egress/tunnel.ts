/**
 * CONNECT: decides by the name, tells of it, and then is the TLS server the client asked for, with
 * a certificate of this run. What comes out of the TLS connection are ordinary requests.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { EGRESS_AUDIT_MS_MAX, EGRESS_TLS_MS_MAX } from '@vitrine/schema';
import { systemCode } from '../error.ts';
import type { ShimEvent } from '../send/event.ts';
import { answerSocket, NO_DESTINATION } from './answer.ts';
import type { RunAuthority } from './certificate.ts';
import { UNAUDITED } from './exchange.ts';
import { decisionMembers, eventOf, type Place, placeMembers } from './heard.ts';
import { type HostRule, hostName, judgeHost } from './host-rule.ts';

export interface Tunnels {
  rules: HostRule[];
  authority: RunAuthority;
  report: (event: ShimEvent, boundMs: number) => Promise<void>;
  /** Takes the decrypted connection. */
  accept: (socket: TLSSocket, place: Place) => void;
}

export async function openTunnel(
  tunnels: Tunnels,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  const asked = authorityOf(request.url ?? '');
  if (asked === undefined) {
    answerSocket(socket, NO_DESTINATION);
    return;
  }
  const place: Place = { ...asked, secure: true, sni: '' };
  const verdict = judgeHost(tunnels.rules, place.host, place.port);
  const isRefused = verdict.value === 'reject';
  const members = { ...placeMembers(place), 'http.method': 'CONNECT', 'http.host': place.host };
  const denied = isRefused ? { 'http.denied': true, 'http.status': 403 } : {};
  const event = eventOf('egress.tunnel', { ...members, ...denied, ...decisionMembers(verdict) });
  try {
    await tunnels.report(event, EGRESS_AUDIT_MS_MAX);
  } catch {
    answerSocket(socket, UNAUDITED);
    return;
  }
  if (isRefused) {
    const { message, hint } = verdict;
    answerSocket(socket, { status: 403, code: 'EGRESS_REFUSED', message, hint });
    return;
  }
  const secureContext = await tunnels.authority.contextFor(place.host);
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
  if (head.length > 0) socket.unshift(head);
  await secure(tunnels, socket, place, secureContext);
}

function secure(
  tunnels: Tunnels,
  socket: Duplex,
  place: Place,
  secureContext: TLSSocketContext,
): Promise<void> {
  const options = { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] };
  const tls = new TLSSocket(socket as Socket, options);
  return new Promise((resolve) => {
    let over = false;
    const failed = (reason: string): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      tls.destroy();
      const members = { ...placeMembers(place), 'http.host': place.host, reason };
      // The tunnel is closed already: nobody waits for this to be durable.
      tunnels.report(eventOf('egress.error', members), EGRESS_AUDIT_MS_MAX).catch(() => {});
      resolve();
    };
    const late = `no TLS handshake in ${EGRESS_TLS_MS_MAX} ms`;
    const timer = setTimeout(() => failed(late), EGRESS_TLS_MS_MAX);
    tls.on('error', (error) => failed(`TLS with the client: ${systemCode(error) ?? 'failed'}`));
    // The socket may stay half open: its end is what tells that the client is gone.
    const gone = (): void => failed('the client left before the TLS handshake');
    tls.on('end', gone);
    tls.on('close', gone);
    tls.on('secure', () => {
      if (over) return;
      over = true;
      tls.off('end', gone);
      tls.off('close', gone);
      clearTimeout(timer);
      const { servername } = tls as { servername?: string | false };
      const sni = typeof servername === 'string' ? hostName(servername) : '';
      tunnels.accept(tls, { ...place, sni });
      resolve();
    });
  });
}

type TLSSocketContext = Awaited<ReturnType<RunAuthority['contextFor']>>;

/** `host:port` or `[address]:port`. */
export function authorityOf(text: string): { host: string; port: number } | undefined {
  const [, host, port] = /^([^:[\]/@\s]+|\[[0-9a-f:.]+\]):(\d{1,5})$/i.exec(text) ?? [];
  return host === undefined ? undefined : { host: hostName(host), port: Number(port) };
}
