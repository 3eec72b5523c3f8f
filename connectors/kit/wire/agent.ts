/**
 * The only way out: an undici agent whose every connection is checked against the address policy
 * when it is made, literal addresses and resolved names alike. Names are resolved once, and what
 * was checked is what is connected to.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction, Socket } from 'node:net';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { DELIVERY_CONCURRENT_MAX } from '@vitrine/schema';
import { Agent, buildConnector } from 'undici';
import { quoted } from '../config.ts';
import { ConnectorError } from '../error.ts';
import { type AddressPolicy, classifyAddress } from './address.ts';
import { tunnelThrough } from './proxy.ts';
import type { TlsMaterial } from './tls-files.ts';

/** What a connection went through, for the self-test. */
export interface ConnectTrace {
  /** `to`: host and port. A literal address is not looked up. */
  connecting(to: string, literal: boolean, secure: boolean): void;
  resolved(addresses: string[]): void;
  connected(address: string): void;
  secured(detail: string): void;
}

const DAY_MS = 86_400_000;

/** Said with every connection, or `NODE_TLS_REJECT_UNAUTHORIZED=0` would take the check away. */
export const ALWAYS_VERIFIED = { rejectUnauthorized: true };

export interface AgentOptions {
  policy: AddressPolicy;
  connectMs: number;
  tls?: TlsMaterial;
  /** Every connection goes through this proxy; asked anew for each. */
  proxy?: () => string;
  trace?: ConnectTrace;
  /** `dns.lookup` unless a test stands in for the resolver. */
  resolve?: typeof lookup;
}

export function guardedAgent(options: AgentOptions): Agent {
  const direct = connectorOf(options);
  const { proxy } = options;
  return new Agent({
    allowH2: false,
    connections: DELIVERY_CONCURRENT_MAX,
    connect: proxy === undefined ? direct : tunnelThrough(proxy, direct, options),
  });
}

function connectorOf(options: AgentOptions): buildConnector.connector {
  const plain = connectorFor(false, options);
  const secure = connectorFor(true, options);
  return (to, callback) => (to.protocol === 'https:' ? secure : plain)(to, callback);
}

function connectorFor(secured: boolean, options: AgentOptions): buildConnector.connector {
  const { policy, connectMs, tls, trace } = options;
  const connect = buildConnector({
    allowH2: false,
    timeout: connectMs,
    lookup: guardedLookup(secured, options),
    ...tls,
    ...ALWAYS_VERIFIED,
  });
  return (to, callback) => {
    // Through a tunnel: what it leads to was checked before it was dug.
    if (to.httpSocket !== undefined) return void connect(to, callback);
    const host = to.hostname.replace(/^\[|\]$/g, '');
    // A literal address never reaches `lookup`.
    const literal = isIP(host) !== 0;
    trace?.connecting(`${host}:${to.port}`, literal, secured);
    const refusal = !literal ? undefined : refusalOf(host, [host], policy, secured);
    if (refusal !== undefined) return callback(refusal, null);
    const socket: unknown = connect({ ...to, hostname: host }, callback);
    if (trace !== undefined && socket instanceof Socket) follow(socket, trace);
  };
}

/** Hands on the permitted addresses of a name; fails when there are none. */
export function guardedLookup(
  secured: boolean,
  options: Pick<AgentOptions, 'policy' | 'trace' | 'resolve'>,
): LookupFunction {
  const { policy, trace, resolve = lookup } = options;
  return (host, query, callback) => {
    resolve(host, { ...query, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      trace?.resolved(found.map(({ address }) => address));
      const open = found.filter(({ address }) => isOpen(address, policy, secured));
      const texts = found.map(({ address }) => address);
      if (open.length === 0) return callback(refusalOf(host, texts, policy, secured)!, []);
      answer(query.all === true, open, callback);
    });
  };
}

type LookupCallback = Parameters<LookupFunction>[2];

function answer(all: boolean, found: LookupAddress[], callback: LookupCallback): void {
  const [first] = found;
  if (all) callback(null, found);
  else callback(null, first!.address, first!.family);
}

/** Without TLS an alert may cross the own machine or network, nothing else. */
function isOpen(address: string, policy: AddressPolicy, secured: boolean): boolean {
  return policy.permits(address) && (secured || classifyAddress(address) !== 'public');
}

/** Why none of a host's addresses may be connected to. */
export function refusalOf(
  host: string,
  addresses: string[],
  policy: AddressPolicy,
  secured: boolean,
): ConnectorError | undefined {
  if (addresses.some((address) => isOpen(address, policy, secured))) return undefined;
  if (addresses.some((address) => policy.permits(address))) {
    const message = `${quoted(host)} is a public address, and the connection has no TLS`;
    return new ConnectorError('EGRESS_PLAINTEXT', message, 'use https, or TLS');
  }
  const kinds = new Set(addresses.map(classifyAddress));
  const shown = `${quoted(host)} (${addresses.slice(0, 4).join(', ') || 'no address'})`;
  const message = `connecting to ${shown} is not allowed`;
  const openable = (['loopback', 'private'] as const).filter((kind) => kinds.has(kind));
  const hint =
    openable.length > 0
      ? `if you mean it, add to this connector: allow: [${openable.join(', ')}]`
      : 'link-local, metadata, multicast and reserved addresses are never connected to';
  return new ConnectorError('EGRESS_REFUSED', message, hint);
}

export function follow(socket: Socket, trace: ConnectTrace): void {
  socket.once('connect', () => trace.connected(`${socket.remoteAddress}:${socket.remotePort}`));
  if (!(socket instanceof TLSSocket)) return;
  socket.once('secureConnect', () => {
    trace.secured(`${socket.getProtocol()}, ${peerText(socket.getPeerCertificate())}`);
  });
}

/** Whose certificate it is, who vouches for it, and how long it holds. */
function peerText({ subject, subjectaltname, issuer, valid_to }: PeerCertificate): string {
  const name = subject?.CN ?? subjectaltname ?? 'no name';
  const authority = issuer?.CN ?? issuer?.O ?? 'nobody by name';
  const days = Math.floor((Date.parse(valid_to) - Date.now()) / DAY_MS);
  return `${name}, issued by ${authority}, until ${valid_to} (${days} days)`;
}
