/** Where the SDK sends to: a URL as people write it, checked before anything is loaded. */
import { isAbsolute } from 'node:path';
import { ShimError } from '../error.ts';

/** The collector's OTLP/gRPC port on this machine. */
const DEFAULT_ENDPOINT = 'http://127.0.0.1:4317';

export interface Endpoint {
  /** As the exporter takes it. */
  url: string;
  /** True when the exporter is to use TLS. */
  secure: boolean;
}

/**
 * `http://host:port`, `https://host:port` or `unix:///path`; throws CONFIG_INVALID for anything
 * else. A name would be asked of a name server, so `localhost` is taken for its address.
 */
export function endpointOf(given: string = DEFAULT_ENDPOINT): Endpoint {
  if (given.startsWith('unix://')) {
    if (!isAbsolute(given.slice('unix://'.length))) throw invalid(given);
    return { url: given, secure: false };
  }
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === undefined || !isWeb || url.host === '') throw invalid(given);
  if (url.pathname !== '/' || url.search !== '' || url.username !== '') throw invalid(given);
  if (url.hostname === 'localhost') url.hostname = '127.0.0.1';
  // The exporter drops a port that is the scheme's own, and gRPC has another default.
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port;
  return { url: `${url.protocol}//${url.hostname}:${port}`, secure: url.protocol === 'https:' };
}

function invalid(given: string): ShimError {
  const message = `${JSON.stringify(given.slice(0, 256))} is no endpoint for OTLP over gRPC`;
  return new ShimError('CONFIG_INVALID', message, 'http://host:port, https://… or unix:///path');
}
