/**
 * One request with who sent it and what it may do. Nothing can be answered before `may` has been
 * asked: a route that forgets it answers 500, and a test finds it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  API_BODY_BYTES_MAX,
  API_PAGE_DEFAULT,
  API_PAGE_MAX,
  type JsonObject,
} from '@vitrine/schema';
import type { EventPage } from '@vitrine/schema/api';
import { isText } from '@vitrine/schema/normalise';
import type { RecordRow, Store } from '@vitrine/store';
import { type Action, may, type Principal } from '../access/may.ts';
import { type ItemOf, itemOf } from './dialect.ts';
import { ApiError } from './errors.ts';
import type { PageRead } from './filter.ts';
import type { HostOf } from './hosts.ts';
import type { System } from './system.ts';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Segments; `:name` takes one, and `*name`, at the end, all that are left. */
  path: string;
  /** Answers without a token: health only. */
  open?: true;
  /** One line for the OpenAPI page. */
  summary: string;
  handle(context: Context): Promise<void> | void;
}

const JSON_TYPE = 'application/json; charset=utf-8';
export const NDJSON_TYPE = 'application/x-ndjson';
const TEXT_TYPE = 'text/plain; charset=utf-8';

export class Context {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly params: Record<string, string>;
  readonly system: System;
  readonly principal: Principal | null;
  #allowed: boolean;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    route: { params: Record<string, string>; open: boolean },
    system: System,
    principal: Principal | null,
  ) {
    this.request = request;
    this.response = response;
    this.url = url;
    this.params = route.params;
    this.system = system;
    this.principal = principal;
    this.#allowed = route.open;
  }

  /** Throws FORBIDDEN unless the principal may do this to the tenant's `name`. */
  may(action: Action, name?: string): Principal {
    const { principal } = this;
    if (principal === null) throw new ApiError('UNAUTHENTICATED', 'this needs a token');
    const { tenant } = this.system.config;
    const resource = name === undefined ? { tenant } : { tenant, name };
    if (!may(principal, action, resource)) {
      throw new ApiError('FORBIDDEN', `role ${principal.role} may not ${action}`);
    }
    this.#allowed = true;
    return principal;
  }

  /** Writes into the log that someone looked or took; durable before the answer. */
  async record(
    action: Action,
    target: string,
    more: JsonObject = {},
    who: Principal | null = this.principal,
  ): Promise<void> {
    const { journal, clock } = this.system;
    const observed = String(clock.nowNs());
    const by = { token: who?.id ?? '', role: who?.role ?? '' };
    const fields = { ...more, action, target: { name: target }, by };
    await journal.append({ kind: 'own', chain: 'audit', record: 'access', observed, fields });
  }

  /** A call names its answer, one of `@vitrine/schema/api`; where it names none, nothing fits. */
  json<Answer = never>(body: NoInfer<Answer>, status = 200): void {
    this.send(status, JSON_TYPE, JSON.stringify(body));
  }

  send(
    status: number,
    type: string,
    body: string | Buffer,
    headers?: Record<string, string>,
  ): void {
    this.#assertAllowed();
    const length = String(Buffer.byteLength(body));
    this.response.writeHead(status, { 'content-type': type, 'content-length': length, ...headers });
    this.response.end(body);
  }

  /** Opens an answer that is written piece by piece. */
  stream(type: string, headers: Record<string, string> = {}): ServerResponse {
    this.#assertAllowed();
    this.response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', ...headers });
    return this.response;
  }

  /** RFC 9112 §6: a body is there when one of these headers says so. */
  get hasBody(): boolean {
    const { 'content-length': length = '0', 'transfer-encoding': coding } = this.request.headers;
    return coding !== undefined || length !== '0';
  }

  /** The request body as JSON. */
  async body(): Promise<unknown> {
    const type = this.request.headers['content-type'] ?? '';
    if (!/^application\/json\b/.test(type)) {
      throw new ApiError('UNSUPPORTED_TYPE', `the body has type ${type || 'none'}`);
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    // A request that is refused half-way is not destroyed: its sender must hear why.
    for await (const chunk of this.request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > API_BODY_BYTES_MAX) {
        throw new ApiError('TOO_LARGE', `the body is larger than ${API_BODY_BYTES_MAX} bytes`);
      }
      chunks.push(chunk);
    }
    try {
      return JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch (cause) {
      throw new ApiError('BAD_REQUEST', 'the body is not JSON', undefined, { cause });
    }
  }

  /** What a question is asked of: the leaves of the log that a checkpoint covers. */
  get asked(): { store: Store; log: string; size: number } {
    const { store, identity, published } = this.system;
    return { store, log: identity.log, size: published()?.size ?? 0 };
  }

  /** What stands for each of these rows in the answer, in the dialect that `format=` names. */
  async itemsOf(rows: readonly RecordRow[]): Promise<ItemOf> {
    const itemOf = this.itemOf();
    await this.system.hosts.learn(this.asked, rows);
    return itemOf;
  }

  /** The same for rows whose hosts are known, or are learned later. */
  itemOf(): ItemOf {
    const { hosts, config } = this.system;
    return itemOf(this.query('format'), (row) => hosts.of(row), config.public_url);
  }

  /** A page of events as JSON, or a line for each where the request accepts `NDJSON_TYPE`. */
  page<Item>(page: PageRead<Item>, size: number): void {
    if (!this.accepts(NDJSON_TYPE)) {
      this.json<EventPage<Item>>({ ...page, size });
      return;
    }
    const lines = page.items.map((item) =>
      typeof item === 'string' ? `${item}\n` : `${JSON.stringify(item)}\n`,
    );
    const told = { cursor: page.cursor, size, partial: page.partial };
    const headers = Object.entries(told).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[`vitrine-${name}`, String(value)]],
    );
    const type = isText(this.query('format') ?? '') ? TEXT_TYPE : NDJSON_TYPE;
    this.send(200, type, lines.join(''), Object.fromEntries(headers));
  }

  /** Whether the request names this type as one that it takes. */
  accepts(type: string): boolean {
    const accepted = this.request.headers.accept ?? '';
    return accepted.split(',').some((one) => one.trim().startsWith(type));
  }

  /** The host of each of these rows. */
  async hostsOf(rows: readonly Pick<RecordRow, 'session' | 'subject'>[]): Promise<HostOf> {
    const { hosts } = this.system;
    await hosts.learn(this.asked, rows);
    return (row) => hosts.of(row);
  }

  query(name: string): string | undefined {
    return this.url.searchParams.get(name) ?? undefined;
  }

  /** A whole number of the query string, inside its bounds. */
  integer(name: string, min: number, max: number): number | undefined {
    const text = this.query(name);
    if (text === undefined) return undefined;
    const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new ApiError('BAD_REQUEST', `${name} must be a whole number from ${min} to ${max}`);
    }
    return value;
  }

  limit(): number {
    return this.integer('limit', 1, API_PAGE_MAX) ?? API_PAGE_DEFAULT;
  }

  #assertAllowed(): void {
    if (!this.#allowed) throw new ApiError('INTERNAL', 'this route never asked whether it may');
  }
}
