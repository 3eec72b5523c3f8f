/**
 * Sockets as `net.*` events. A connection attempt counts whatever became of it: in a sandbox
 * without a network the refusal is what there is to see. Unix sockets that do not exist are no
 * attempt.
 */
import { SHIM_SOCKETS_MAX } from '@vitrine/schema';
import { BoundedMap } from '../adapter/bounded.ts';
import { readDescriptor, readString } from './argument.ts';
import { type Attributes, type Call, type Meaning, pathAttributes, resolvePath } from './call.ts';

const PORT = /sin6?_port=htons\((\d+)\)/;
const ADDRESS = /(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"/;
const FAMILY = /sa_family=(AF_\w+)/;
const UNIX_PATH = /sun_path=(@?"(?:[^"\\]|\\.)*")/;
const PROTOCOL = /^(TCP|UDP|RAW|ICMP|UNIX|SCTP|PING|UDPLITE)(?:v6)?(?:-\w+)?[:>[]?/;
/** Under way: whether it was refused shows in another call, or in none. */
const UNDER_WAY = new Set(['EINPROGRESS', 'EALREADY', 'EINTR', 'EAGAIN']);
const CONNECTED = 'EISCONN';
const ABSENT = new Set(['ENOENT', 'ENOTDIR']);

const INODE = /\[(\d+)/;

export const NET_CALLS = ['connect', 'bind', 'listen'];

/**
 * Addresses of bound sockets by inode: in another network namespace strace cannot say them when the
 * socket begins to listen. The oldest are forgotten first.
 */
export class BoundSockets {
  readonly #addresses = new BoundedMap<string, Attributes>(SHIM_SOCKETS_MAX);

  remember(inode: string, address: Attributes): void {
    this.#addresses.set(inode, address);
  }

  addressOf(inode: string | undefined): Attributes {
    return (inode === undefined ? undefined : this.#addresses.get(inode)) ?? {};
  }
}

export function netEvent(call: Call, bound: BoundSockets): Meaning | undefined {
  if (call.name === 'connect') return call.outcome === 'unknown' ? undefined : connected(call);
  if (call.outcome !== 'done') return undefined;
  if (call.name === 'bind') remember(call, bound);
  return call.name === 'listen' ? listened(call, bound) : undefined;
}

function remember(call: Call, bound: BoundSockets): void {
  const inode = inodeOf(call);
  const address = call.argument(1);
  const family = FAMILY.exec(address)?.[1];
  if (inode === undefined || family === undefined) return;
  if (family === 'AF_UNIX') {
    bound.remember(inode, unixPath(call, UNIX_PATH.exec(address)?.[1] ?? ''));
    return;
  }
  const ip = ADDRESS.exec(address)?.[1];
  const port = PORT.exec(address)?.[1];
  if (ip === undefined || port === undefined) return;
  bound.remember(inode, { 'net.src_ip': ip, 'net.src_port': Number(port) });
}

function inodeOf(call: Call): string | undefined {
  return INODE.exec(call.descriptor(0)?.annotation ?? '')?.[1];
}

function connected(call: Call): Meaning | undefined {
  const address = call.argument(1);
  const family = FAMILY.exec(address)?.[1];
  if (family === undefined || family === 'AF_UNSPEC') return undefined;
  const attributes = { ...protocol(call), ...destination(call, address, family) };
  const { errno } = call;
  if (family === 'AF_UNIX' && errno !== undefined && ABSENT.has(errno)) return undefined;
  if (errno !== undefined && UNDER_WAY.has(errno)) attributes['net.pending'] = true;
  else if (errno !== undefined && errno !== CONNECTED) attributes['net.errno'] = errno;
  return { kind: 'net.connect', attributes };
}

function destination(call: Call, address: string, family: string): Attributes {
  if (family === 'AF_UNIX') return unixPath(call, UNIX_PATH.exec(address)?.[1] ?? '');
  const ip = ADDRESS.exec(address)?.[1];
  const port = PORT.exec(address)?.[1];
  const found: Attributes = { 'net.family': family };
  if (ip !== undefined) found['net.dst_ip'] = ip;
  if (port !== undefined) found['net.dst_port'] = Number(port);
  return found;
}

/** An abstract name has no place in the file system and keeps strace's `@`. */
function unixPath(call: Call, quoted: string): Attributes {
  const name = readString(quoted);
  if (name === undefined) return {};
  if (quoted.startsWith('@')) return { 'net.path': `@${name.text}` };
  return pathAttributes('net.path', resolvePath(call.process.cwd, name));
}

/** `3<TCP:[0.0.0.0:8080]>` of a socket in our own namespace; else what it was bound to. */
function listened(call: Call, bound: BoundSockets): Meaning {
  const annotation = call.descriptor(0)?.annotation ?? '';
  const attributes: Attributes = { ...protocol(call), ...bound.addressOf(inodeOf(call)) };
  const path = /"(?:[^"\\]|\\.)*"/.exec(annotation)?.[0];
  const local = /\[(\[?[0-9a-fA-F.:]+\]?):(\d+)/.exec(annotation);
  if (path !== undefined) Object.assign(attributes, unixPath(call, path));
  else if (local !== null) {
    attributes['net.src_ip'] = local[1]!.replace(/[[\]]/g, '');
    attributes['net.src_port'] = Number(local[2]);
  }
  return { kind: 'net.listen', attributes };
}

function protocol(call: Call): Attributes {
  const annotation = readDescriptor(call.argument(0))?.annotation;
  const name = PROTOCOL.exec(annotation ?? '')?.[1];
  return name === undefined ? {} : { 'net.proto': name.toLowerCase() };
}
