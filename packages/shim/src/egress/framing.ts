/**
 * How requests and answers are framed on their way on. What is recorded as one request must be one
 * request to its receiver: what two parsers could read in two ways is refused, and the framing that
 * is sent is this proxy's own, made from what its own parser has read (RFC 9112, 6.3 and 11.2).
 */
import type { IncomingMessage } from 'node:http';
import type { Place } from './heard.ts';
import { hostName, type Refusal } from './host-rule.ts';
import { declaredLength } from './peek.ts';

/** RFC 9110, 7.6.1, and what clients say to a proxy only. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
  'expect',
];
/** Never handed on as they came: written anew. */
const OWN = ['content-length', 'transfer-encoding'];
/** What a receiver cannot do without, so that no sender may call it hop-by-hop. */
const NEEDED = ['host', ...OWN];
/** Methods whose requests have no body unless they say so. */
const BODILESS = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'];

/** Why a request is not to be handed on in any form; `target` as it would be sent on. */
export function malformed(request: IncomingMessage, target: string): Refusal | undefined {
  const { headers, httpVersion, rawHeaders } = request;
  const coding = valuesOf(rawHeaders, 'transfer-encoding').join(',').trim();
  const length = headers['content-length'];
  const needed = connectionOptions(rawHeaders).find((name) => NEEDED.includes(name));
  const hosts = valuesOf(rawHeaders, 'host').length;
  const isOld = httpVersion !== '1.1';
  if (needed !== undefined) return refuseForm(`Connection names ${needed}`);
  if (hosts > 1) return refuseForm(`there are ${hosts} Host headers`);
  if (coding !== '' && coding.toLowerCase() !== 'chunked') {
    return refuseForm('the transfer coding is not just chunked');
  }
  if (coding !== '' && length !== undefined) return refuseForm('there are two lengths');
  if (coding !== '' && isOld) return refuseForm(`HTTP/${httpVersion} has no transfer coding`);
  if (isOld && httpVersion !== '1.0') return refuseForm(`HTTP/${httpVersion} is not spoken here`);
  if (length !== undefined && declaredLength(request) === undefined) {
    return refuseForm('the length is no number of bytes');
  }
  if (!/^\/[^#]*$/.test(target)) return refuseForm('the target is no path');
  if (!/^(?:100-continue)?$/i.test(headers.expect ?? '')) {
    return refuseForm('it expects what nobody can promise');
  }
  return undefined;
}

/** The headers of a request that `malformed` lets pass, for the host it was judged by. */
export function requestHeaders(request: IncomingMessage, place: Place): string[] {
  const kept = endToEnd(request.rawHeaders).filter(([name]) => name.toLowerCase() !== 'host');
  const length = declaredLength(request);
  const own: [string, string][] = [['host', hostHeader(place)]];
  if (request.headers['transfer-encoding'] !== undefined)
    own.push(['transfer-encoding', 'chunked']);
  else if (length !== undefined) own.push(['content-length', String(length)]);
  else if (!BODILESS.includes(request.method ?? '')) own.push(['content-length', '0']);
  return [...own, ...kept].flat();
}

/** The headers of an answer; Node chunks one without a length, where the client can read that. */
export function answerHeaders(answer: IncomingMessage): string[] {
  const length = declaredLength(answer);
  const own: [string, string][] = length === undefined ? [] : [['content-length', String(length)]];
  return [...endToEnd(answer.rawHeaders), ...own].flat();
}

/** Why an answer cannot be handed on. */
export function misframed(answer: IncomingMessage): string | undefined {
  const coding = answer.headers['transfer-encoding'];
  if ((answer.statusCode ?? 0) < 200) return 'the destination changes the protocol';
  if (coding === undefined || coding.toLowerCase() === 'chunked') return undefined;
  return 'the transfer coding of the answer is not just chunked';
}

/** The host and port a Host header names; no port is the one of the scheme. */
export function namedPlace(host: string, secure: boolean): { host: string; port: number } {
  const [, name = '', port = ''] = /^(.*?)(?::(\d*))?$/s.exec(host) ?? [];
  return { host: hostName(name), port: port === '' ? defaultPort(secure) : Number(port) };
}

function hostHeader({ host, port, secure }: Place): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === defaultPort(secure) ? name : `${name}:${port}`;
}

function defaultPort(secure: boolean): number {
  return secure ? 443 : 80;
}

/** Pairs to hand on; those that `connection` names are left out, as is all framing. */
function endToEnd(raw: string[]): [string, string][] {
  const left = new Set([...HOP_BY_HOP, ...OWN, ...connectionOptions(raw)]);
  return pairsOf(raw).filter(([name]) => !left.has(name.toLowerCase()));
}

function connectionOptions(raw: string[]): string[] {
  return valuesOf(raw, 'connection').flatMap((value) =>
    value.split(',').map((option) => option.trim().toLowerCase()),
  );
}

function valuesOf(raw: string[], wanted: string): string[] {
  return pairsOf(raw).flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []));
}

function pairsOf(raw: string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i]!, raw[i + 1]!]);
  return pairs;
}

function refuseForm(why: string): Refusal {
  return {
    value: 'reject',
    rule: 'malformed request',
    status: 400,
    message: `the request cannot be handed on: ${why}`,
    hint: 'send one Host, one length, and a path of this host as the target',
  };
}
