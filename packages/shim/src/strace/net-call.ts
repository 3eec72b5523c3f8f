/**
 * Sockets as `net.*` events. A connection attempt counts whatever became of it: in a sandbox without
 * a network the refusal is what there is to see. Unix sockets that do not exist are no attempt.
 */
import { readDescriptor, readString } from './argument.ts';
import { type Attributes, type Call, type Meaning, pathAttributes, resolvePath } from './call.ts';

const PORT = /sin6?_port=htons\((\d+)\)/;
const ADDRESS = /(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"/;
const FAMILY = /sa_family=(AF_\w+)/;
const UNIX_PATH = /sun_path=(@?"(?:[^"\\]|\\.)*")/;
const PROTOCOL = /^(TCP|UDP|RAW|ICMP|UNIX|SCTP|PING|UDPLITE)(?:v6)?(?:-\w+)?[:>[]?/;
/** Under way, and not refused. */
const UNDER_WAY = new Set(['EINPROGRESS', 'EALREADY', 'EISCONN', 'EINTR', 'EAGAIN']);
const ABSENT = new Set(['ENOENT', 'ENOTDIR']);

export const NET_CALLS = ['connect', 'listen'];

export function netEvent(call: Call): Meaning | undefined {
  if (call.outcome === 'unknown') return undefined;
  if (call.name === 'connect') return connected(call);
  return call.name === 'listen' && call.outcome === 'done' ? listened(call) : undefined;
}

function connected(call: Call): Meaning | undefined {
  const address = call.argument(1);
  const family = FAMILY.exec(address)?.[1];
  if (family === undefined || family === 'AF_UNSPEC') return undefined;
  const attributes = { ...protocol(call), ...destination(call, address, family) };
  const { errno } = call;
  if (family === 'AF_UNIX' && errno !== undefined && ABSENT.has(errno)) return undefined;
  if (errno !== undefined && !UNDER_WAY.has(errno)) attributes['net.errno'] = errno;
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

/** `3<TCP:[0.0.0.0:8080]>` of a socket that is bound. */
function listened(call: Call): Meaning {
  const annotation = call.descriptor(0)?.annotation ?? '';
  const attributes: Attributes = protocol(call);
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
