/**
 * The only way out: an undici agent whose every connection is checked against the address policy
 * when it is made, literal addresses and resolved names alike. Names are resolved once, and what
 * was checked is what is connected to.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { DELIVERY_CONCURRENT_MAX } from '@vitrine/schema';
import { Agent, buildConnector } from 'undici';
import { quoted } from '../config.ts';
import { ConnectorError } from '../error.ts';
import { type AddressPolicy, classifyAddress } from './address.ts';

/** What a connection went through, for the self-test. */
export interface ConnectTrace {
  /** A literal address is not looked up. */
  connecting(literal: boolean, secure: boolean): void;
  resolved(addresses: string[]): void;
  connected(address: string): void;
  secured(detail: string): void;
}

export interface AgentOptions {
  policy: AddressPolicy;
  connectMs: number;
  /** PEM; replaces the public authorities. */
  authorities?: string | undefined;
  trace?: ConnectTrace;
  /** `dns.lookup` unless a test stands in for the resolver. */
  resolve?: typeof lookup;
}

type Protocol = 'http:' | 'https:';

export function guardedAgent(options: AgentOptions): Agent {
  const plain = connectorFor('http:', options);
  const secure = connectorFor('https:', options);
  return new Agent({
    allowH2: false,
    connections: DELIVERY_CONCURRENT_MAX,
    connect: (to, callback) => (to.protocol === 'https:' ? secure : plain)(to, callback),
  });
}

function connectorFor(protocol: Protocol, options: AgentOptions): buildConnector.connector {
  const { policy, connectMs, authorities, trace } = options;
  const connect = buildConnector({
    allowH2: false,
    timeout: connectMs,
    lookup: guardedLookup(protocol, options),
    ...(authorities === undefined ? {} : { ca: authorities }),
  });
  return (to, callback) => {
    const host = to.hostname.replace(/^\[|\]$/g, '');
    // A literal address never reaches `lookup`.
    const literal = isIP(host) !== 0;
    trace?.connecting(literal, protocol === 'https:');
    const refusal = !literal ? undefined : refusalOf(host, [host], policy, protocol);
    if (refusal !== undefined) return callback(refusal, null);
    const socket: unknown = connect({ ...to, hostname: host }, callback);
    if (trace !== undefined && socket instanceof Socket) follow(socket, trace);
  };
}

/** Hands on the permitted addresses of a name; fails when there are none. */
function guardedLookup(protocol: Protocol, options: AgentOptions): LookupFunction {
  const { policy, trace, resolve = lookup } = options;
  return (host, query, callback) => {
    resolve(host, { ...query, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      trace?.resolved(found.map(({ address }) => address));
      const open = found.filter(({ address }) => isOpen(address, policy, protocol));
      const texts = found.map(({ address }) => address);
      if (open.length === 0) return callback(refusalOf(host, texts, policy, protocol)!, []);
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

function isOpen(address: string, policy: AddressPolicy, protocol: Protocol): boolean {
  return policy.permits(address) && !isExposed(address, protocol);
}

/** Without TLS an alert may cross the own machine or network, nothing else. */
function isExposed(address: string, protocol: Protocol): boolean {
  return protocol === 'http:' && classifyAddress(address) === 'public';
}

function refusalOf(
  host: string,
  addresses: string[],
  policy: AddressPolicy,
  protocol: Protocol,
): ConnectorError | undefined {
  if (addresses.some((address) => isOpen(address, policy, protocol))) return undefined;
  if (addresses.some((address) => policy.permits(address))) {
    const message = `${quoted(host)} is a public address, and the URL has no TLS`;
    return new ConnectorError('EGRESS_PLAINTEXT', message, 'use https');
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

function follow(socket: Socket, trace: ConnectTrace): void {
  socket.once('connect', () => trace.connected(`${socket.remoteAddress}:${socket.remotePort}`));
  if (!(socket instanceof TLSSocket)) return;
  socket.once('secureConnect', () => {
    const { valid_to, subject } = socket.getPeerCertificate();
    trace.secured(`${socket.getProtocol()}, ${subject?.CN ?? 'no name'}, until ${valid_to}`);
  });
}
