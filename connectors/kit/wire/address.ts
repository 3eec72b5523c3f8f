/**
 * Which addresses a connector may speak to. The configuration is written by an operator, but names
 * resolve to what somebody else says: metadata services and the host's own ports stay shut unless
 * they are named.
 */
import ipaddr from 'ipaddr.js';

export type AddressClass = 'public' | 'loopback' | 'private' | 'never';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** Metadata services outside the link-local range: AWS IPv6, Alibaba Cloud, Oracle Cloud. */
const METADATA = new Set(['fd00:ec2::254', '100.100.100.200', '192.0.0.192']);
/** 2000::/3 is all of IPv6 that is routed (RFC 4291 §2.4). */
const IPV6_GLOBAL: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];
const RFC6052_WELL_KNOWN: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

/** Text of an address as the resolver or a URL gives it; anything else is `never`. */
export function classifyAddress(text: string): AddressClass {
  const address = parseAddress(text);
  return address === undefined ? 'never' : classOf(address);
}

/** Names that mean an inner address wherever they are resolved (RFC 6761, RFC 8375, RFC 6762). */
const PRIVATE_NAMES = /(^|\.)(internal|intranet|local|lan|corp|home|private|home\.arpa)$/;
/** Of Google, Azure, Tencent Cloud and AWS, and what each is called inside. */
const METADATA_NAMES = new Set([
  ...['metadata', 'metadata.google.internal', 'metadata.goog', 'metadata.azure.internal'],
  ...['metadata.tencentyun.com', 'instance-data', 'instance-data.ec2.internal'],
]);

/** What a name says of its address where it cannot be resolved; one label is an inner name. */
export function classifyName(name: string): AddressClass {
  const plain = name.toLowerCase().replace(/\.+$/, '');
  if (METADATA_NAMES.has(plain)) return 'never';
  if (/(^|\.)localhost(\.localdomain)?$/.test(plain)) return 'loopback';
  return PRIVATE_NAMES.test(plain) || !plain.includes('.') ? 'private' : 'public';
}

function classOf(address: Address): AddressClass {
  if (METADATA.has(address.toString())) return 'never';
  switch (address.range()) {
    case 'loopback':
      return 'loopback';
    case 'private':
    case 'uniqueLocal':
    case 'carrierGradeNat':
      return 'private';
    case 'unicast':
      return isIPv4(address) || address.match(IPV6_GLOBAL) ? 'public' : 'never';
    default:
      return 'never';
  }
}

/** The address a packet would reach: IPv4 inside IPv6 is unwrapped (RFC 4291 §2.5.5, RFC 6052). */
function parseAddress(text: string): Address | undefined {
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.process(text);
  if (isIPv4(address) || !address.match(RFC6052_WELL_KNOWN)) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

function isIPv4(address: Address): address is ipaddr.IPv4 {
  return address.kind() === 'ipv4';
}

/** What is wrong with an entry of `allow`; `undefined` when nothing is. */
export function allowMistake(entry: string): string | undefined {
  if (entry === 'loopback' || entry === 'private') return undefined;
  const range = parseRange(entry);
  if (range === undefined) return 'must be loopback, private, a CIDR or an address';
  if (classOf(range[0]) !== 'never') return undefined;
  return 'link-local, metadata, multicast and unspecified addresses are never allowed';
}

function parseRange(entry: string): Range | undefined {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  const address = ipaddr.isValid(entry) ? ipaddr.process(entry) : undefined;
  return address && [address, isIPv4(address) ? 32 : 128];
}

export class AddressPolicy {
  readonly #classes: ReadonlySet<string>;
  readonly #ranges: Range[];

  /** `allow` as `allowMistake` accepts it. */
  constructor(allow: string[]) {
    this.#classes = new Set(allow);
    this.#ranges = allow.map(parseRange).filter((range) => range !== undefined);
  }

  /** Whether a whole class is allowed. */
  names(kind: 'loopback' | 'private'): boolean {
    return this.#classes.has(kind);
  }

  permits(text: string): boolean {
    const kind = classifyAddress(text);
    if (kind === 'public') return true;
    if (kind === 'never') return false;
    return this.#classes.has(kind) || this.#inRange(text);
  }

  #inRange(text: string): boolean {
    const address = parseAddress(text);
    if (address === undefined) return false;
    return this.#ranges.some((range) => {
      return range[0].kind() === address.kind() && address.match(range);
    });
  }
}
