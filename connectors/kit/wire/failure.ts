/** What a failure before an answer means: the settings' fault, or one that passes by itself. */
import type { Outcome } from '../contract.ts';
import { ConnectorError, systemCode } from '../error.ts';

const UNTRUSTED = 'no trusted authority signed its certificate: name it with ca_file';
const NO_ROUTE = 'there is no route: check the network and its firewall';
const NOBODY = 'nothing answers there: check host and port, the network and its firewall';

/** There was no connection over which an alert could have done harm. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  ...(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'] as const),
  ...(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ERR_PROXY_TUNNEL'] as const),
]);

/** What a person can do about the usual ones; none of them is an alert's fault. */
const HINTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the destination's certificate has expired: it must be renewed there",
  CERT_NOT_YET_VALID: "the destination's certificate is not valid yet: compare the clocks",
  CERT_REVOKED: "the destination's certificate was revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name: use the name it has',
  ENOTFOUND: 'the name is not known to the resolver: check it, and the DNS of this machine',
  EAI_AGAIN: 'the resolver does not answer: check the DNS of this machine',
  ECONNREFUSED: 'nothing listens there: check host and port',
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  ETIMEDOUT: NOBODY,
  UND_ERR_CONNECT_TIMEOUT: NOBODY,
  ERR_PROXY_TUNNEL: 'the proxy has no way there, or is not well: its own log says more',
};

/** TLS alerts of a destination that does not take our certificate: RFC 8446 §6.2. */
const REFUSING_US = [
  'CERTIFICATE_',
  'BAD_CERTIFICATE',
  'UNSUPPORTED_CERTIFICATE',
  'UNKNOWN_CA',
  'ACCESS_DENIED',
  'HANDSHAKE_FAILURE',
];
/** As OpenSSL names them: `TLSV1`, `TLSV13`, `SSL/TLS` and so on in front. */
const OUR_CERTIFICATE = new RegExp(`^ERR_SSL_[A-Z0-9/]+_ALERT_(${REFUSING_US.join('|')})`);

export function failureOf(error: unknown): Outcome {
  if (error instanceof ConnectorError) {
    return { kind: 'pause', reason: `${error.code}: ${error.message}; ${error.hint}` };
  }
  const code = systemCode(error);
  if (code === 'UND_ERR_INVALID_ARG' || code === 'ERR_INVALID_URL') {
    return { kind: 'pause', reason: `the request cannot be made: ${textOf(error)}` };
  }
  if (code !== undefined && OUR_CERTIFICATE.test(code)) {
    const hint = 'it wants another certificate of ours, or none: see cert_file and key_file';
    // OpenSSL's own text says no more, at length.
    return { kind: 'pause', reason: `${code}; ${hint}` };
  }
  const hint = code === undefined ? undefined : HINTS[code];
  const text = textOf(error);
  const reason = hint === undefined ? text : `${text}; ${hint}`;
  if (code !== undefined && UNREACHABLE.has(code))
    return { kind: 'retry', reason, unreachable: true };
  return { kind: 'retry', reason };
}

export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = systemCode(error);
  // Several refused addresses of one name are an AggregateError without a message.
  return [code, error.message].filter((part) => part !== undefined && part !== '').join(': ');
}
