/**
 * Which hosts an agent may reach: a list, and nothing beside it. A rule may lead a name to a
 * stand-in on this machine, which is then the only way such an address is reached.
 */
import { BlockList, isIP } from 'node:net';
import { ShimError } from '../error.ts';

/** `host[:port][=address:port]`; `caFile` is for the stand-in's certificate. */
export interface HostRule {
  host: string;
  port: number;
  /** Connect here instead of looking the host up. */
  upstream?: { address: string; port: number };
  /** PEM file of an authority to trust for this host beside the system's. */
  caFile?: string;
}

/** What a rule says of a request; `rule` is what the record shows. */
export type Verdict = { value: 'accept'; rule: string; target: HostRule } | Refusal;

export interface Refusal {
  value: 'reject';
  rule: string;
  /** Of the answer to the client; 403 if left out. */
  status?: 400;
  message: string;
  hint: string;
}

const FORM =
  /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(?:=(\[[0-9a-f:.]+\]|[0-9.]+):(\d{1,5}))?$/i;
const TLS_PORT = 443;

/** Reads `host[:port][=address:port]`; the port is 443 if it is not named. */
export function parseHostRule(text: string, caFile?: string): HostRule {
  const form = FORM.exec(text);
  const port = Number(form?.[2] ?? TLS_PORT);
  const upstreamPort = Number(form?.[4] ?? port);
  const address = form?.[3]?.replace(/[[\]]/g, '');
  const isValid = form !== null && isPort(port) && isPort(upstreamPort);
  if (!isValid || (address !== undefined && isIP(address) === 0)) {
    const hint = 'write api.example.com, api.example.com:8443 or api.example.com=127.0.0.1:9443';
    throw new ShimError('HOST_RULE_INVALID', `${text}: no host`, hint);
  }
  const rule: HostRule = { host: hostName(form[1]!), port };
  if (address !== undefined) rule.upstream = { address, port: upstreamPort };
  if (caFile !== undefined) rule.caFile = caFile;
  return rule;
}

export function ruleName({ host, port }: { host: string; port: number }): string {
  return `allow ${host}:${port}`;
}

/** One spelling for each name: lower case, no dot at the end, no brackets. */
export function hostName(text: string): string {
  return text
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** The verdict on a destination by its name, before anything is looked up or connected. */
export function judgeHost(rules: HostRule[], host: string, port: number): Verdict {
  const name = hostName(host);
  const target = rules.find((rule) => rule.host === name && rule.port === port);
  if (target === undefined) {
    return {
      value: 'reject',
      rule: isIP(name) === 0 ? 'not allowlisted' : 'address instead of a name',
      message: `${name}:${port} is not on the list of hosts this sandbox may reach`,
      hint: 'whoever starts the sandbox can allow it: vitrine run --host HOST',
    };
  }
  if (target.upstream === undefined && isIP(name) !== 0 && isInternal(name)) {
    return refuseAddress(name, name);
  }
  return { value: 'accept', rule: ruleName(target), target };
}

/** An allowed name that leads to an internal address is refused all the same. */
export function refuseAddress(host: string, address: string): Refusal {
  return {
    value: 'reject',
    rule: 'internal address',
    message: `${host} leads to ${address}, which is inside this machine or its network`,
    hint: 'only a rule that names the address leads there: HOST=ADDRESS:PORT',
  };
}

/**
 * Loopback, link-local (which is where clouds keep their metadata), private, shared, reserved and
 * multicast ranges: IANA special-purpose registries, RFC 6890 and its updates.
 */
const INTERNAL_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;
const INTERNAL_V6 = [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const;

/** In CIDR notation, for who has to check addresses in another language. */
export const INTERNAL_NETWORKS = [...INTERNAL_V4, ...INTERNAL_V6].map((net) => net.join('/'));

const internal = new BlockList();
for (const [net, bits] of INTERNAL_V4) internal.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of INTERNAL_V6) internal.addSubnet(net, bits, 'ipv6');

/**
 * True for what an agent must not reach by a name it may use; also for texts that are no address.
 */
export function isInternal(address: string): boolean {
  const kind = isIP(address);
  if (kind === 0) return true;
  const mapped = /^::ffff:(.+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isIP(mapped) !== 4 || internal.check(mapped, 'ipv4');
  return internal.check(address, kind === 4 ? 'ipv4' : 'ipv6');
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
