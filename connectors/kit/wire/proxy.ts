/**
 * Through an HTTP proxy, always by CONNECT (RFC 9110 §9.3.6). The proxy resolves names in our
 * place, so a destination is judged by its name, and by its address where the URL has one.
 */
import { isIP, type Socket } from 'node:net';
import { type buildConnector, Client } from 'undici';
import { quoted } from '../config.ts';
import { ConnectorError } from '../error.ts';
import { unescaped } from '../secret.ts';
import { type AddressPolicy, classifyName } from './address.ts';
import { type AgentOptions, refusalOf } from './agent.ts';

type Connector = buildConnector.connector;
type Options = buildConnector.Options;

/** As Node.js calls it: nothing of a request has gone anywhere. */
const NO_TUNNEL = 'ERR_PROXY_TUNNEL';
const HTTPS_PORT = '443';
const HTTP_PORT = '80';

/** `direct` connects to the proxy, which is checked like any destination. */
export function tunnelThrough(
  proxy: () => string,
  direct: Connector,
  { policy, connectMs }: Pick<AgentOptions, 'policy' | 'connectMs'>,
): Connector {
  return (to, callback) => {
    const secured = to.protocol === 'https:';
    const host = to.hostname.replace(/^\[|\]$/g, '');
    const refusal = refusalThrough(host, policy, secured);
    if (refusal !== undefined) return callback(refusal, null);
    const done = (error: Error): void => callback(error, null);
    dig(proxy, direct, authority(to, host), connectMs).then((socket) => {
      if (!secured) callback(null, socket);
      else direct({ ...to, hostname: host, httpSocket: socket }, callback);
    }, done);
  };
}

/** A socket that leads to `target` (`host:port`). */
async function dig(
  proxy: () => string,
  direct: Connector,
  target: string,
  connectMs: number,
): Promise<Socket> {
  const { origin, username, password } = new URL(proxy());
  const client = new Client(origin, { connect: direct });
  const late = AbortSignal.timeout(connectMs);
  try {
    const words = `${unescaped(username)}:${unescaped(password)}`;
    const credentials = `Basic ${Buffer.from(words).toString('base64')}`;
    const { statusCode, socket } = await client.connect({
      path: target,
      headers: { host: target, ...(username && { 'proxy-authorization': credentials }) },
      signal: late,
    });
    if (statusCode === 200) return socket as Socket;
    socket.on('error', () => {}).destroy();
    throw proxyRefusal(statusCode, target);
  } catch (cause) {
    if (!late.aborted) throw cause;
    const message = `the proxy made no way to ${target} within ${connectMs} ms`;
    throw Object.assign(new Error(message, { cause }), { code: 'ETIMEDOUT' });
  } finally {
    // What became a tunnel is no longer the client's.
    client.destroy().catch(() => {});
  }
}

function proxyRefusal(status: number, target: string): Error {
  const message = `the proxy answered ${status} to CONNECT ${target}`;
  if (status !== 407 && status !== 403)
    return Object.assign(new Error(message), { code: NO_TUNNEL });
  const hint = 'give the proxy user:password@ in a secret, or allow the destination there';
  return new ConnectorError('EGRESS_REFUSED', message, hint);
}

/** What would be refused without a proxy is refused through it, as far as the name tells. */
function refusalThrough(
  host: string,
  policy: AddressPolicy,
  secured: boolean,
): ConnectorError | undefined {
  if (isIP(host) !== 0) return refusalOf(host, [host], policy, secured);
  const kind = classifyName(host);
  if (kind !== 'public') {
    if (kind !== 'never' && policy.names(kind)) return undefined;
    const message = `connecting to ${quoted(host)} through the proxy is not allowed`;
    const hint =
      kind === 'never'
        ? 'metadata services are never connected to'
        : `if you mean it, add to this connector: allow: [${kind}]`;
    return new ConnectorError('EGRESS_REFUSED', message, hint);
  }
  if (secured) return undefined;
  const message = `${quoted(host)} is reached through a proxy, and the connection has no TLS`;
  return new ConnectorError('EGRESS_PLAINTEXT', message, 'use https');
}

function authority({ port, protocol }: Options, host: string): string {
  const preset = protocol === 'https:' ? HTTPS_PORT : HTTP_PORT;
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port || preset}`;
}
