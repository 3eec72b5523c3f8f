/**
 * The way to an allowed host. Its certificate is always verified; a name that leads to an internal
 * address is refused before anything is connected, whoever answers for the name.
 */
import { lookup as systemLookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { ShimError } from '../error.ts';
import { type HostRule, isInternal, refuseAddress } from './host-rule.ts';

export interface Outgoing {
  method: string;
  path: string;
  /** Names and values in turn. */
  headers: string[];
  secure: boolean;
}

type Addresses = (host: string) => Promise<{ address: string; family: number }[]>;

export class Upstreams {
  readonly #plain = new HttpAgent({ keepAlive: true });
  readonly #secure = new Map<HostRule, HttpsAgent>();
  /** Some hundred authorities take a quarter of a second to read: once for each set of them. */
  readonly #contexts = new Map<string, SecureContext>();
  readonly #lookup: LookupFunction;

  /** `addresses`: how names are looked up; the system's way if left out. */
  constructor(addresses: Addresses = systemAddresses) {
    this.#lookup = guardedLookup(addresses);
  }

  /** A rule with an address of its own leads there and nowhere else, internal or not. */
  request(rule: HostRule, { method, path, headers, secure }: Outgoing): ClientRequest {
    const { upstream } = rule;
    const options = {
      host: upstream?.address ?? rule.host,
      port: upstream?.port ?? rule.port,
      method,
      path,
      headers,
      setHost: false,
      ...(upstream === undefined ? { lookup: this.#lookup } : {}),
    };
    if (!secure) return httpRequest({ ...options, agent: this.#plain });
    return httpsRequest({ ...options, agent: this.#agentOf(rule), servername: rule.host });
  }

  close(): void {
    this.#plain.destroy();
    for (const agent of this.#secure.values()) agent.destroy();
  }

  #agentOf(rule: HostRule): HttpsAgent {
    const known = this.#secure.get(rule);
    if (known !== undefined) return known;
    const agent = new HttpsAgent({
      keepAlive: true,
      secureContext: this.#contextOf(rule.caFile),
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
    });
    this.#secure.set(rule, agent);
    return agent;
  }

  #contextOf(caFile: string | undefined): SecureContext {
    const name = caFile ?? '';
    const known = this.#contexts.get(name);
    if (known !== undefined) return known;
    const own = caFile === undefined ? [] : [readAuthority(caFile)];
    const ca = [...getCACertificates('default'), ...getCACertificates('system'), ...own];
    const context = createSecureContext({ ca: [...new Set(ca)] });
    this.#contexts.set(name, context);
    return context;
  }
}

/** Throws HOST_RULE_INVALID when the file cannot be read. */
export function readAuthority(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `${file}: the certificate cannot be read`;
    throw new ShimError('HOST_RULE_INVALID', message, 'a PEM file is needed', { cause });
  }
}

/** Node connects to what this returns, so what was checked is what is connected. */
function guardedLookup(addresses: Addresses): LookupFunction {
  return (host, options, callback) => {
    addresses(host).then(
      (found) => {
        const inner = found.find(({ address }) => isInternal(address));
        if (inner !== undefined || found.length === 0) {
          const { message, hint } = refuseAddress(host, inner?.address ?? 'no address');
          callback(new ShimError('EGRESS_REFUSED', message, hint), '', 0);
        } else if (options.all === true) callback(null, found);
        else callback(null, found[0]!.address, found[0]!.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

const systemAddresses: Addresses = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, found) => {
      if (error === null) resolve(found);
      else reject(error);
    });
  });
