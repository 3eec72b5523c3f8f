/**
 * A contract server of Microsoft Sentinel's Logs Ingestion API and of the token endpoint before it.
 * Address, headers and 204: the REST description "Azure Monitor Ingestion, Upload, 2023-01-01" and
 * "Logs Ingestion API overview". Limits: "Azure Monitor service limits". 403, 404 and 413 have the
 * words that the live tests and the troubleshooting guides of Microsoft's own client libraries
 * quote; those of 400, 415 and 401 are ours. Stricter than the service, which calls it opaque, in
 * that a client request id must be a UUID.
 */
import { type EntraOptions, TokenIssuer, tokenRefusal } from './entra.ts';
import {
  type Call,
  isRecord,
  json,
  mediaType,
  parsed,
  Receiver,
  type Reply,
  unpacked,
} from './receiver.ts';

export interface SentinelOptions extends Partial<EntraOptions> {
  tenant: string;
  clientId: string;
  clientSecret: string;
  /** Immutable id of the data collection rule. */
  rule: string;
  /** Columns that each stream of the rule declares. */
  streams: Record<string, string[]>;
}

export type SentinelRow = Record<string, unknown>;

/** "Maximum size of API call": both as sent and unpacked. */
const CALL_BYTES_MAX = 1_048_576;
/** "Maximum size for field values": what is longer is cut. */
const FIELD_BYTES_MAX = 65_536;
const API_VERSION = '2023-01-01';
const UPLOAD = /^\/dataCollectionRules\/([^/]+)\/streams\/([^/]+)$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const WORDS: Record<number, [code: string, message: string]> = {
  400: ['InvalidPayload', 'The body is not an array of objects.'],
  401: ['InvalidToken', 'The authentication token is missing, invalid or expired.'],
  403: [
    'OperationFailed',
    'The authentication token provided does not have access to ingest data for the rule.',
  ],
  413: ['ContentLengthLimitExceeded', 'Maximum allowed content length: 1048576 bytes (1 MB).'],
  415: ['UnsupportedMediaType', 'The media type or encoding of the body is not supported.'],
  429: ['TooManyRequests', 'The limit of the data collection rule is reached.'],
  500: ['InternalServerError', 'Service request failed.'],
  503: ['ServiceUnavailable', 'The service is not available.'],
};

export class SentinelReceiver extends Receiver {
  readonly #options: SentinelOptions;
  protected readonly bodyBytesMax = CALL_BYTES_MAX;
  /** What a 204 hides is hidden in every 204: see `rows`. */
  protected readonly hidesFailures = false;
  readonly tokens: TokenIssuer;
  /**
   * Rows of each stream, in order, as the table would have them: without the columns that the rule
   * does not declare, and with long texts cut. Nothing is ever recognised as a repeat.
   */
  readonly rows = new Map<string, SentinelRow[]>();
  /** Whether the application has the role Monitoring Metrics Publisher on the rule. */
  hasRole = true;

  private constructor(options: SentinelOptions) {
    super();
    this.#options = options;
    this.tokens = new TokenIssuer({ expiresInSeconds: 3_599, now: Date.now, ...options });
  }

  static start(options: SentinelOptions): Promise<SentinelReceiver> {
    return new SentinelReceiver(options).listen();
  }

  protected refusal(status: number, path = ''): Reply {
    if (path.endsWith('/token')) return tokenRefusal(status);
    const [code, message] = WORDS[status] ?? ['Error', 'Error'];
    return json(status, { error: { code, message } }, { 'x-ms-error-code': code });
  }

  protected answer(call: Call): Reply {
    const token = this.tokens.answer(call);
    if (token !== undefined) return token;
    const match = UPLOAD.exec(call.path);
    if (match === null || call.method !== 'POST') return failure(404, 'NotFound', 'Not found.');
    const refused = this.#unauthorised(call) ?? this.#misdirected(call, match[1]!, match[2]!);
    if (refused !== undefined) return refused;
    if (mediaType(call) !== 'application/json') return this.refusal(415);
    const body = unpacked(call, CALL_BYTES_MAX);
    if (body === 'encoding') return this.refusal(415);
    if (body === 'large') return this.refusal(413);
    if (body === 'garbled') return failure(400, 'InvalidContentEncoding', 'Not gzip.');
    // Microsoft's live tests pin this: no body at all is a 500 without a code.
    if (body.length === 0) return { status: 500 };
    const rows = parsed(body);
    // The service was seen to answer 204 to an object, and to store nothing: never rely on a 400.
    if (!Array.isArray(rows) || !rows.every(isRecord)) return this.refusal(400);
    this.#store(match[2]!, rows);
    return { status: 204 };
  }

  #unauthorised({ headers }: Call): Reply | undefined {
    const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
    if (token === undefined || !this.tokens.accepts(token)) {
      const refused = this.refusal(401);
      return { ...refused, headers: { ...refused.headers, 'www-authenticate': 'Bearer' } };
    }
    return this.hasRole ? undefined : this.refusal(403);
  }

  #misdirected({ query, headers }: Call, rule: string, stream: string): Reply | undefined {
    if (query.get('api-version') !== API_VERSION) {
      return failure(400, 'InvalidApiVersion', 'The api-version is missing or not supported.');
    }
    if (rule !== this.#options.rule) {
      const message = `Data collection rule with immutable Id '${rule}' not found.`;
      return failure(404, 'NotFound', message);
    }
    if (!Object.hasOwn(this.#options.streams, stream)) {
      return failure(400, 'InvalidStream', `The stream '${stream}' is not declared.`);
    }
    const id = headers['x-ms-client-request-id'];
    if (id === undefined || UUID.test(String(id))) return undefined;
    return failure(400, 'InvalidClientRequestId', 'The client request id is not a UUID.');
  }

  #store(stream: string, rows: Record<string, unknown>[]): void {
    const columns = this.#options.streams[stream]!;
    const stored = rows.map((row) => {
      const known = Object.entries(row).filter(([name]) => columns.includes(name));
      return Object.fromEntries(known.map(([name, value]) => [name, shortened(value)]));
    });
    const kept = this.rows.get(stream) ?? [];
    kept.push(...stored);
    this.rows.set(stream, kept);
  }
}

function failure(status: number, code: string, message: string): Reply {
  return json(status, { error: { code, message } }, { 'x-ms-error-code': code });
}

function shortened(value: unknown): unknown {
  if (typeof value !== 'string' || Buffer.byteLength(value) <= FIELD_BYTES_MAX) return value;
  return Buffer.from(value).subarray(0, FIELD_BYTES_MAX).toString('utf8');
}
