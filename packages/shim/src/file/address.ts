/** A raw `sockaddr` of Linux, as the members of a `net.*` event. */
import { posix } from 'node:path';
import type { AttributeValue } from '@vitrine/schema';

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const INET_BYTES = 8;
const INET6_BYTES = 24;

/** Which end of a connection the address is. */
type End = 'dst' | 'src';

/**
 * `undefined` when it is none. A name in the file system ends at its first NUL, for what is behind
 * it was never written; one in the abstract space begins with it and is shown with an `@`.
 */
export function addressOf(
  raw: Buffer,
  end: End,
  cwd: string | undefined,
): Record<string, AttributeValue> | undefined {
  if (raw.length < 2) return undefined;
  const family = raw.readUInt16LE(0);
  if (family === AF_UNIX) return { 'net.path': unixName(raw.subarray(2), cwd) };
  if (family === AF_INET && raw.length >= INET_BYTES) {
    return internet(end, 'AF_INET', raw.subarray(4, 8).join('.'), raw.readUInt16BE(2));
  }
  if (family !== AF_INET6 || raw.length < INET6_BYTES) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) => raw.readUInt16BE(8 + 2 * i).toString(16));
  return internet(end, 'AF_INET6', shortest(groups), raw.readUInt16BE(2));
}

function internet(end: End, family: string, ip: string, port: number) {
  return { 'net.family': family, [`net.${end}_ip`]: ip, [`net.${end}_port`]: port };
}

/** The URL parser writes an address in its shortest form (RFC 5952). */
function shortest(groups: string[]): string {
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

function unixName(raw: Buffer, cwd: string | undefined): string {
  if (raw[0] === 0) return `@${raw.subarray(1).toString('utf8').replace(/\0+$/, '')}`;
  const nul = raw.indexOf(0);
  const name = raw.subarray(0, nul < 0 ? raw.length : nul).toString('utf8');
  if (name.startsWith('/') || cwd === undefined) return name;
  return posix.join(cwd, name);
}
