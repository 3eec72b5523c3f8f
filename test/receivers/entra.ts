/**
 * Microsoft Entra's token endpoint for client credentials: "Microsoft identity platform and the
 * OAuth 2.0 client credentials flow", with the error numbers of "Microsoft Entra authentication and
 * authorization error codes". Which number comes with which status is partly from memory.
 */
import { randomBytes } from 'node:crypto';
import { type Call, json, mediaType, type Reply } from './receiver.ts';

export interface EntraOptions {
  tenant: string;
  clientId: string;
  clientSecret: string;
  /** What a token says of its own life; Entra gives about an hour. */
  expiresInSeconds: number;
  /** Unix milliseconds; the clock that tokens expire by. */
  now: () => number;
}

/** With one slash or two: the vendor's own libraries send both. */
const SCOPES = ['https://monitor.azure.com/.default', 'https://monitor.azure.com//.default'];

export class TokenIssuer {
  readonly #options: EntraOptions;
  /** Token to the moment it ends, unix milliseconds. */
  readonly #ends = new Map<string, number>();
  issued = 0;

  constructor(options: EntraOptions) {
    this.#options = options;
  }

  /** Undefined when the path is not the token endpoint's. */
  answer(call: Call): Reply | undefined {
    const match = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(call.path);
    if (match === null) return undefined;
    const { tenant, clientId, clientSecret, expiresInSeconds, now } = this.#options;
    if (call.method !== 'POST') return failure(400, 'invalid_request', 900561);
    if (mediaType(call) !== 'application/x-www-form-urlencoded') {
      return failure(400, 'invalid_request', 900144);
    }
    const form = new URLSearchParams(call.sent.toString('utf8'));
    if (match[1] !== tenant) return failure(400, 'invalid_request', 90002);
    const grant = form.get('grant_type');
    if (grant === null) return failure(400, 'invalid_request', 900144);
    if (grant !== 'client_credentials') return failure(400, 'unsupported_grant_type', 70003);
    if (form.get('client_id') !== clientId) return failure(400, 'unauthorized_client', 700016);
    if (form.get('client_secret') !== clientSecret) return failure(401, 'invalid_client', 7000215);
    const scope = form.get('scope');
    if (scope === null) return failure(400, 'invalid_request', 900144);
    if (!SCOPES.includes(scope)) return failure(400, 'invalid_scope', 70011);
    this.issued += 1;
    const token = `entra-${this.issued}-${randomBytes(12).toString('base64url')}`;
    this.#ends.set(token, now() + expiresInSeconds * 1_000);
    const life = { expires_in: expiresInSeconds, ext_expires_in: expiresInSeconds };
    return json(200, { token_type: 'Bearer', ...life, access_token: token });
  }

  /** Whether a token is good for anything now. */
  accepts(token: string): boolean {
    const end = this.#ends.get(token);
    return end !== undefined && this.#options.now() < end;
  }

  /** As when somebody disables the application. */
  revokeAll(): void {
    this.#ends.clear();
  }
}

export function tokenRefusal(status: number): Reply {
  return failure(status, status < 500 ? 'invalid_client' : 'temporarily_unavailable', 90033);
}

function failure(status: number, error: string, number: number): Reply {
  const error_description = `AADSTS${number}: ${error.replaceAll('_', ' ')}.`;
  return json(status, { error, error_description, error_codes: [number] });
}
