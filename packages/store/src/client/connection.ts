/**
 * The one way to the engine: HTTP through the official client, without response compression (with
 * it the client cannot tell an error in mid-answer). Every read has a bound in time, memory, rows.
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client';
import {
  INSERT_SECONDS_MAX,
  QUERY_MEMORY_BYTES_MAX,
  QUERY_READ_ROWS_MAX,
  QUERY_RESULT_BYTES_MAX,
  QUERY_ROWS_MAX,
  QUERY_SECONDS_MAX,
} from '@vitrine/schema';
import { StoreError } from '../error.ts';
import { Cells } from './cells.ts';
import { engineAway, failureOf } from './failure.ts';

export type Params = Record<string, unknown>;

export interface ConnectionOptions {
  url: string;
  user: string;
  password: string;
  database: string;
  /** Whether the engine is there to be asked. */
  up: () => boolean;
  /** Where its tables are, for people; the URL unless it is said. */
  place?: string;
  /** Narrower bounds of every read than those of the limits. */
  bounds?: ClickHouseSettings;
}

/** The engine takes 128 kB for one parameter; names have up to 128 characters. */
export const LIST_ITEMS = 500;
/** The client gives up a little later than the engine, whose answer says more. */
const GRACE_MS = 5_000;
const CONNECTIONS_MAX = 16;
/** Far above any batch: one INSERT is one block, hence one part, hence whole or not there. */
const BLOCK_ROWS = '1000000000';
const BLOCK_BYTES = '10000000000';

const READ_BOUNDS: ClickHouseSettings = {
  readonly: '2',
  max_execution_time: QUERY_SECONDS_MAX,
  max_memory_usage: String(QUERY_MEMORY_BYTES_MAX),
  max_result_rows: String(QUERY_ROWS_MAX),
  max_result_bytes: String(QUERY_RESULT_BYTES_MAX),
  result_overflow_mode: 'throw',
  timeout_overflow_mode: 'throw',
  max_rows_in_join: String(QUERY_ROWS_MAX),
  max_rows_to_read: String(QUERY_READ_ROWS_MAX),
  read_overflow_mode: 'throw',
  // The engine's default of a million rows is for servers: by index, a read is 100 times cheaper.
  min_table_rows_to_use_projection_index: '0',
  output_format_json_quote_64bit_integers: 1,
};

/** However many rows an INSERT has: they are one part, and so all there or none. */
export const ONE_BLOCK: ClickHouseSettings = {
  max_insert_block_size: BLOCK_ROWS,
  min_insert_block_size_rows: BLOCK_ROWS,
  min_insert_block_size_bytes: BLOCK_BYTES,
};

const INSERT_BOUNDS: ClickHouseSettings = {
  ...ONE_BLOCK,
  async_insert: 0,
  insert_deduplicate: 0,
  wait_end_of_query: 1,
  max_execution_time: INSERT_SECONDS_MAX,
  // By the first merge: a part of one batch is read whole in no time, and is a file less to sync.
  exclude_materialize_skip_indexes_on_insert: 'has_kind',
};

/** All inserts of this program, for whoever has to wait until none is running. */
export const INSERT_PREFIX = 'vitrine-insert-';

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #client: ReturnType<typeof createClient>;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#client = createClient({
      url: options.url,
      username: options.user,
      password: options.password,
      database: options.database,
      compression: { response: false, request: false },
      max_open_connections: CONNECTIONS_MAX,
      request_timeout: Math.max(QUERY_SECONDS_MAX, INSERT_SECONDS_MAX) * 1_000 + GRACE_MS,
      use_multipart_params_auto: true,
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  /** All rows of a small answer. 64-bit integers come as text. */
  async rows<T>(query: string, params: Params, settings: ClickHouseSettings = {}): Promise<T[]> {
    this.#check();
    try {
      const result = await this.#client.query({
        query,
        query_params: params,
        format: 'JSONEachRow',
        clickhouse_settings: this.#reading(settings),
      });
      return await result.json<T>();
    } catch (error) {
      throw this.#failure(error, 'read');
    }
  }

  /** The same for a list that may be too long for one question; `name` is its parameter. */
  async rowsOfList<T>(
    query: string,
    params: Params,
    name: string,
    list: readonly (string | number)[],
  ): Promise<T[]> {
    const rows: T[] = [];
    for (let at = 0; at < list.length; at += LIST_ITEMS) {
      const some = { ...params, [name]: list.slice(at, at + LIST_ITEMS) };
      rows.push(...(await this.rows<T>(query, some)));
    }
    return rows;
  }

  /** A large answer in RowBinary, whole. The format has no place for an error in mid-answer. */
  async cells(query: string, params: Params, settings: ClickHouseSettings): Promise<Cells> {
    return new Cells(await this.rowBinary(query, params, settings));
  }

  /** The same for whoever hands it on. */
  async rowBinary(query: string, params: Params, settings: ClickHouseSettings): Promise<Buffer> {
    this.#check();
    try {
      const { stream } = await this.#client.exec({
        query: `${query} FORMAT RowBinary`,
        query_params: params,
        clickhouse_settings: this.#reading(settings),
      });
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    } catch (error) {
      throw this.#failure(error, 'read');
    }
  }

  /** DDL, and statements that answer nothing. */
  async command(query: string, params: Params = {}, settings?: ClickHouseSettings): Promise<void> {
    this.#check();
    const bounds = { max_execution_time: INSERT_SECONDS_MAX, ...settings };
    const options = { query, query_params: params, clickhouse_settings: bounds };
    try {
      await this.#client.command(options);
    } catch (error) {
      throw this.#failure(error, 'insert');
    }
  }

  /** One INSERT of one block, the body in pieces of Native. Resolves when the rows are on disk. */
  async insert(
    table: string,
    columns: readonly string[],
    pieces: AsyncIterable<Buffer>,
  ): Promise<void> {
    this.#check();
    try {
      const { stream } = await this.#client.exec({
        query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT Native`,
        values: Readable.from(pieces, { objectMode: false }),
        query_id: `${INSERT_PREFIX}${randomUUID()}`,
        clickhouse_settings: INSERT_BOUNDS,
      });
      for await (const _ of stream);
    } catch (error) {
      throw this.#failure(error, 'insert');
    }
  }

  /** Whether the engine answers. Never throws. */
  async ping(): Promise<boolean> {
    if (this.#closed || !this.#options.up()) return false;
    return (await this.#client.ping({ select: true })).success;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client.close();
  }

  /** The one place where a read gets its bounds. */
  #reading(settings: ClickHouseSettings): ClickHouseSettings {
    return { ...READ_BOUNDS, wait_end_of_query: 1, ...settings, ...this.#options.bounds };
  }

  /** An engine that is away is not asked: whoever listens on its port must not get our password. */
  #check(): void {
    if (this.#closed) throw new StoreError('STORE_CLOSED', 'the store is closed');
    if (!this.#options.up()) throw engineAway('it has ended');
  }

  #failure(error: unknown, doing: 'read' | 'insert'): StoreError {
    if (this.#closed) {
      return new StoreError('STORE_CLOSED', 'the store was closed meanwhile', '', { cause: error });
    }
    return failureOf(error, doing, this.#options.place ?? this.#options.url);
  }
}
