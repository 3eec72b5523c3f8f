/**
 * The API of a running system as the commands use it: one method per route, every failure a coded
 * error. The only file of the command line that speaks HTTP.
 */
import type {
  BackupHeld,
  BackupSubject,
  CoverageAnswer,
  EventDetail,
  EventItem,
  EventPage,
  ForeignItem,
  FsckLine,
  LoginCode,
  PullStream,
  RedactionAnswer,
  RuleChange,
  RulesAnswer,
  RuleText,
  SessionItem,
  SessionPage,
  SourcesPage,
  TokenMade,
  TokenRevoked,
  TokensAnswer,
} from '@vitrine/schema/api';
import type { Dialect } from '@vitrine/schema/normalise';
import type { BackupTable } from '@vitrine/store';
import { CliError, sentenceOf, systemCode } from '../error.ts';
import type { RunningSystem } from '../system/data-dir.ts';
import { AlertDesk } from './alert-desk.ts';
import { DeliveryDesk } from './delivery-desk.ts';
import { leafPath, sessionPath } from './paths.ts';
import { Pulling } from './pulling.ts';
import type {
  BundleQuery,
  EventQuery,
  RedactionRequest,
  SessionQuery,
  ViewQuery,
} from './queries.ts';
import { answersOf, parseAnswer, refusalOf } from './refusal.ts';
import { linesOf } from './stream.ts';
import { tailOf } from './tail.ts';

export interface ApiRequest {
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  /** `application/json` where it does not matter. */
  accept?: string;
  signal?: AbortSignal;
  /** Continue a tail behind this leaf. */
  lastEventId?: string;
}

export class Client {
  /** What becomes of alerts. */
  readonly desk = new AlertDesk((method, path, asking) => this.#json(method, path, asking));
  /** Where alerts go. */
  readonly delivery = new DeliveryDesk({
    json: (method, path, asking) => this.#json(method, path, asking),
    bytes: (method, path, asking) => this.#bytes(method, path, asking),
  });
  readonly pulling = new Pulling((method, path, asking) => this.#send(method, path, asking));
  readonly #system: Pick<RunningSystem, 'api' | 'token' | 'dataDir'>;

  constructor(system: Pick<RunningSystem, 'api' | 'token' | 'dataDir'>) {
    this.#system = system;
  }

  sessions(query: SessionQuery) {
    return this.#json<SessionPage>('GET', '/v1/sessions', { query: { ...query } });
  }

  session(name: string) {
    return this.#json<SessionItem>('GET', `/v1/sessions/${encodeURIComponent(name)}`);
  }

  events(query: EventQuery) {
    return this.#events<EventItem>(query);
  }

  /** The same rows as `events`, in a dialect of another tool. */
  eventsAs(format: Dialect, query: EventQuery) {
    return this.#events<ForeignItem>(query, { format });
  }

  #events<T>({ session, ...query }: EventQuery, more: { format?: Dialect } = {}) {
    const path = session === undefined ? '/v1/events' : `${sessionPath(session)}/events`;
    return this.#json<EventPage<T>>('GET', path, { query: { ...query, ...more } });
  }

  /** One of the analyst's views, of one session or of all. */
  view<T>(view: string, { session, ...query }: ViewQuery) {
    const isOfOne = session !== undefined && view !== 'approvals';
    const path = isOfOne ? `${sessionPath(session)}/${view}` : `/v1/stats/${view}`;
    return this.#json<T>('GET', path, { query: isOfOne ? query : { ...query, session } });
  }

  /** Sources of open sessions: the first page. */
  sources() {
    return this.#json<SourcesPage>('GET', '/v1/sources');
  }

  coverage() {
    return this.#json<CoverageAnswer>('GET', '/v1/coverage');
  }

  rules() {
    return this.#json<RulesAnswer>('GET', '/v1/rules');
  }

  rule(id: string) {
    return this.#json<RuleText>('GET', `/v1/rules/${encodeURIComponent(id)}`);
  }

  /** Takes the rule files as they are now, all or none. */
  reloadRules() {
    return this.#json<RuleChange>('POST', '/v1/rules/reload', { body: {} });
  }

  event(log: string, index: number) {
    return this.#json<EventDetail>('GET', leafPath(log, index));
  }

  tokens() {
    return this.#json<TokensAnswer>('GET', '/v1/tokens');
  }

  createToken(body: { role: string; note?: string; expires_days?: number; pull?: PullStream[] }) {
    const request = { body };
    return this.#json<TokenMade>('POST', '/v1/tokens', request);
  }

  /** A code that lets a person log in at the dashboard, once. */
  loginCode(visitor: { role?: string; name?: string } = {}) {
    const request = { body: visitor };
    return this.#json<LoginCode>('POST', '/v1/login-codes', request);
  }

  revokeToken(id: string) {
    return this.#json<TokenRevoked>('DELETE', `/v1/tokens/${encodeURIComponent(id)}`);
  }

  redact(body: RedactionRequest) {
    return this.#json<RedactionAnswer>('POST', '/v1/redactions', { body });
  }

  async trust(): Promise<string> {
    return (await this.#send('GET', '/v1/trust')).text();
  }

  async checkpoint(log: string): Promise<string> {
    return (await this.#send('GET', `/log/${encodeURIComponent(log)}/checkpoint`)).text();
  }

  /** The bytes of a session's bundle as they come. */
  sessionBundle(session: string, query: BundleQuery) {
    return this.#bytes('GET', `${sessionPath(session)}/bundle`, { query: { ...query } });
  }

  /** Of the records `first` to `last` of one chain. */
  rangeBundle(session: string, shim: string, query: BundleQuery & { first: number; last: number }) {
    const path = `${sessionPath(session)}/chains/${encodeURIComponent(shim)}/bundle`;
    return this.#bytes('GET', path, { query: { ...query } });
  }

  /** That no such session is open; with a day, that it has no record of that day. */
  absenceBundle(session: string, query: { day?: string | undefined; from?: string | undefined }) {
    return this.#bytes('GET', `${sessionPath(session)}/absence/bundle`, { query });
  }

  eventBundle(log: string, index: number, query: Pick<BundleQuery, 'from'>) {
    return this.#bytes('GET', `${leafPath(log, index)}/bundle`, { query });
  }

  /** C2SP tlog-proof. */
  eventProof(log: string, index: number) {
    return this.#bytes('GET', `${leafPath(log, index)}/proof`);
  }

  /** What a backup is made of; the log says that it was taken. */
  backupSubject() {
    return this.#json<BackupSubject>('GET', '/v1/backup');
  }

  /** Says that a verified backup holds the tree of this checkpoint. */
  backedUp(note: string) {
    return this.#json<BackupHeld>('POST', '/v1/backup', { body: { note } });
  }

  /** Lines about the leaves [first, end); one that breaks off is an error. */
  async *backupLines(table: BackupTable, first: number, end: number): AsyncGenerator<string> {
    yield* linesOf(await this.#bytes('GET', `/v1/backup/${table}`, { query: { first, end } }));
  }

  /** Progress lines, then the report; a check that could not be finished is an error. */
  async *fsck(fast = false): AsyncGenerator<FsckLine> {
    const query = fast ? { fast: 1 } : {};
    const bytes = await this.#bytes('POST', '/v1/fsck', { body: {}, query });
    yield* answersOf<FsckLine>(bytes);
  }

  /**
   * New rows as they are published. A broken connection is taken up again without a hole; it ends
   * when `signal` says so, or with NOT_RUNNING when the system is gone.
   */
  tail(query: EventQuery, signal: AbortSignal): AsyncGenerator<EventItem> {
    return this.#tail<EventItem>(query, {}, signal);
  }

  /** The same in a dialect of another tool. */
  tailAs(format: Dialect, query: EventQuery, signal: AbortSignal): AsyncGenerator<ForeignItem> {
    return this.#tail<ForeignItem>(query, { format }, signal);
  }

  #tail<T>(
    { after, ...query }: EventQuery,
    more: { format?: Dialect },
    signal: AbortSignal,
  ): AsyncGenerator<T> {
    const connect = (seen: { lastEventId?: string }) =>
      this.#bytes('GET', '/v1/tail', { query: { ...query, ...more }, signal, ...seen });
    const answers = () =>
      this.#send('GET', '/healthz').then(
        () => true,
        () => false,
      );
    return tailOf<T>({ connect, answers, after, signal });
  }

  async #json<T>(method: string, path: string, options: ApiRequest = {}): Promise<T> {
    const response = await this.#send(method, path, options);
    return parseAnswer(await response.text()) as T;
  }

  async #bytes(
    method: string,
    path: string,
    options: ApiRequest = {},
  ): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.#send(method, path, options);
    return this.#guarded(response.body as AsyncIterable<Uint8Array> | null);
  }

  /** A connection that breaks in the middle is API_UNREACHABLE, not a bare socket error. */
  async *#guarded(body: AsyncIterable<Uint8Array> | null): AsyncGenerator<Uint8Array> {
    try {
      if (body !== null) yield* body;
    } catch (cause) {
      throw this.#unreachable(cause);
    }
  }

  async #send(method: string, path: string, options: ApiRequest = {}): Promise<Response> {
    const url = new URL(path, this.#system.api);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = { authorization: `Bearer ${this.#system.token}` };
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    if (options.accept !== undefined) headers.accept = options.accept;
    if (options.lastEventId !== undefined) headers['last-event-id'] = options.lastEventId;
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        headers,
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } catch (cause) {
      throw this.#unreachable(cause);
    }
    if (!response.ok) throw await refusalOf(response, method, url.pathname);
    return response;
  }

  #unreachable(cause: unknown): CliError {
    const { api, dataDir } = this.#system;
    const why = systemCode(cause) ?? sentenceOf(cause);
    const hint = `is it still running? npx --no vitrine doctor --data ${dataDir}`;
    return new CliError('API_UNREACHABLE', `${api} does not answer (${why})`, hint, { cause });
  }
}
