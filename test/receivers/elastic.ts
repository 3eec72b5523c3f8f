/**
 * A contract server of Elasticsearch's `_bulk` for data streams. Actions, items and `errors`: "Bulk
 * index or delete documents". Only `create`, and `@timestamp`: "Use a data stream". Refusals have
 * the words that Elasticsearch's own tests and published answers quote. A real node would take
 * `index` and `update` in plain indices; here there are none.
 */
import { type BulkAction, readBulk } from './bulk-body.ts';
import { type Call, json, mediaType, Receiver, type Reply, unpacked } from './receiver.ts';

export interface ElasticKey {
  id: string;
  secret: string;
  /** Data streams it may write to. */
  streams: string[];
}

export interface ElasticOptions {
  key: ElasticKey;
  /** `http.max_content_length`, 100 MB unless set. */
  bodyBytesMax?: number;
  /**
   * Documents that do not parse are answered 201 and stored elsewhere ("Failure store"). Since 9.2
   * new `logs-*-*` streams have one, so this is what a new installation does.
   */
  failureStore?: boolean;
}

interface Stream {
  generation: number;
  /** Ids of the current backing index: `_id` is unique in there and nowhere else. */
  ids: Set<string>;
}

interface Item {
  _index: string;
  _id: string;
  status: number;
  error?: { type: string; reason: string };
  [member: string]: unknown;
}

const PARSING = 'document_parsing_exception';
const MEDIA_TYPES = ['application/x-ndjson', 'application/json'];
const BULK = /^(?:\/([^/]+))?\/_bulk$/;
/** What the index template `logs` of every node makes a data stream of. */
const TEMPLATE = /^logs-[a-z0-9_.]+-[a-z0-9_.]+$/;

export class ElasticReceiver extends Receiver {
  readonly #key: ElasticKey;
  readonly #failureStore: boolean;
  #made = 0;
  readonly #streams = new Map<string, Stream>();
  protected readonly bodyBytesMax: number;
  protected readonly hidesFailures = true;
  /** Documents of each data stream, in order, with their `_id`. */
  readonly documents = new Map<string, { id: string; document: Record<string, unknown> }[]>();

  /** What went to the failure store: no search over the stream and no rule ever sees it. */
  readonly failures: { id: string; reason: string }[] = [];

  private constructor({ key, bodyBytesMax, failureStore }: ElasticOptions) {
    super();
    this.#key = key;
    this.#failureStore = failureStore ?? false;
    this.bodyBytesMax = bodyBytesMax ?? 104_857_600;
  }

  static start(options: ElasticOptions): Promise<ElasticReceiver> {
    return new ElasticReceiver(options).listen();
  }

  /** A new backing index: an `_id` from before is no conflict any more. */
  rollover(name: string): void {
    const stream = this.#streamOf(name);
    stream.generation += 1;
    stream.ids.clear();
  }

  protected refusal(status: number, path = '/_bulk'): Reply {
    if (status === 413) return { status };
    if (status === 401) return unauthenticated(`missing authentication credentials for ${path}`);
    if (status === 403) return failure(403, 'security_exception', this.#unprivileged('*'));
    if (status === 429) {
      return failure(429, 'es_rejected_execution_exception', 'rejected execution of coordinating');
    }
    return failure(status, 'exception', 'the node is not available');
  }

  /** With `half`, every other item is refused as a node does that has too much to do. */
  protected answer(call: Call, half: boolean): Reply {
    const match = BULK.exec(call.path);
    if (match === null || !['POST', 'PUT'].includes(call.method)) {
      const reason = `no handler found for uri [${call.path}] and method [${call.method}]`;
      return json(400, { error: reason });
    }
    const refused = this.#unauthenticated(call);
    if (refused !== undefined) return refused;
    if (!MEDIA_TYPES.includes(mediaType(call))) {
      const error = `Content-Type header [${call.headers['content-type'] ?? ''}] is not supported`;
      return json(406, { error, status: 406 });
    }
    const body = unpacked(call, this.bodyBytesMax);
    if (body === 'encoding') return illegal('unsupported content encoding');
    if (body === 'garbled') return illegal('Not in GZIP format');
    if (body === 'large') return this.refusal(413);
    const actions = readBulk(body.toString('utf8'), match[1]);
    if ('mistake' in actions) return illegal(actions.mistake);
    const items = actions.map((action, at) => this.#item(action, half && at % 2 === 1));
    const errors = items.some((item) => Object.values(item)[0]!.error !== undefined);
    return json(200, { took: 3, errors, items });
  }

  #unauthenticated({ headers, path }: Call): Reply | undefined {
    const { authorization } = headers;
    if (authorization === undefined) {
      return unauthenticated(`missing authentication credentials for REST request [${path}]`);
    }
    const { id, secret } = this.#key;
    const wanted = `ApiKey ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    if (authorization === wanted) return undefined;
    return unauthenticated(
      'unable to authenticate with provided credentials and anonymous access is not allowed',
    );
  }

  #item(action: BulkAction, busy: boolean): Record<string, Item> {
    const { operation, target, id = `auto-${this.#made}`, document } = action;
    const refused = this.#refusedItem(action, busy);
    if (refused !== undefined) {
      const [status, type, reason] = refused;
      if (this.#failureStore && type === PARSING) {
        this.failures.push({ id, reason });
        return { create: made(`.fs-${target}`, id, 1, { failure_store: 'used' }) };
      }
      const answered = { _index: target!, _id: id, status, error: { type, reason } };
      return { [operation]: answered };
    }
    const stream = this.#streamOf(target!);
    stream.ids.add(id);
    const kept = this.documents.get(target!) ?? [];
    kept.push({ id, document: document! });
    this.documents.set(target!, kept);
    this.#made += 1;
    return { create: made(`.ds-${target}`, id, stream.generation) };
  }

  #refusedItem(
    { operation, target, id, document }: BulkAction,
    busy: boolean,
  ): [status: number, type: string, reason: string] | undefined {
    const name = target!;
    if (!this.#key.streams.includes(name)) {
      return [403, 'security_exception', this.#unprivileged(name)];
    }
    if (!TEMPLATE.test(name)) return [404, 'index_not_found_exception', `no such index [${name}]`];
    if (operation !== 'create') {
      const reason = 'only write ops with an op_type of create are allowed in data streams';
      return [400, 'illegal_argument_exception', reason];
    }
    if (busy) {
      return [429, 'es_rejected_execution_exception', 'rejected execution of primary operation'];
    }
    if (document === undefined) return [400, PARSING, 'failed to parse'];
    const time = document['@timestamp'];
    if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) {
      const reason =
        time === undefined
          ? '[1:2] failed to parse: data stream timestamp field [@timestamp] is missing'
          : '[1:2] failed to parse field [@timestamp] of type [date]';
      return [400, PARSING, reason];
    }
    if (id === undefined || !this.#streamOf(name).ids.has(id)) return undefined;
    const reason = `[${id}]: version conflict, document already exists (current version [1])`;
    return [409, 'version_conflict_engine_exception', reason];
  }

  #streamOf(name: string): Stream {
    const known = this.#streams.get(name) ?? { generation: 1, ids: new Set<string>() };
    this.#streams.set(name, known);
    return known;
  }

  #unprivileged(name: string): string {
    const who = `API key id [${this.#key.id}]`;
    return `action [indices:data/write/bulk[s]] is unauthorized for ${who} on indices [${name}]`;
  }
}

function made(prefix: string, _id: string, generation: number, more = {}): Item {
  const _index = `${prefix}-2026.01.01-${String(generation).padStart(6, '0')}`;
  return { _index, _id, _version: 1, result: 'created', ...more, status: 201 };
}

function illegal(reason: string): Reply {
  return failure(400, 'illegal_argument_exception', reason);
}

function unauthenticated(reason: string): Reply {
  const reply = failure(401, 'security_exception', reason);
  return { ...reply, headers: { ...reply.headers, 'www-authenticate': 'ApiKey' } };
}

function failure(status: number, type: string, reason: string): Reply {
  return json(status, { error: { root_cause: [{ type, reason }], type, reason }, status });
}
