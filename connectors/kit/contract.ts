/**
 * What a connector is: pure functions from alerts to one request, and from the answer to an
 * outcome. The kit does everything else, so a connector does no I/O of its own and reads no clock.
 */
import type { Socket } from 'node:net';
import type { JsonObject } from '@vitrine/schema';
import type { Guarantee } from '@vitrine/schema/api';
import type { LogEntry } from '@vitrine/schema/normalise';
import type { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Resolved } from './secret.ts';

/** An alert after the checkpoint that covers it. */
export interface DeliverableAlert {
  /** `alr_` and 32 hex digits: the same on every repeat, so a receiver can drop doubles. */
  id: string;
  log: string;
  index: number;
  /** Leaf hash of the record, base64. */
  leaf: string;
  /** Of the record: unix nanoseconds, decimal text. */
  t: string;
  /** The whole record of `log/alert`, reserved members included. */
  record: JsonObject;
  /** C2SP tlog-proof text. */
  proof: string;
  /** Where a person finds the evidence. */
  link: string;
  /** Sent by a self-test: about nothing that happened. */
  test?: true;
  /** Of a subscription: a row of the log that is no alert, or the note of a checkpoint. */
  row?: { session: string; entry: LogEntry } | { session: string; note: string };
}

/** One encoded alert. */
export interface Item {
  id: string;
  bytes: Uint8Array;
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  headers: Record<string, string>;
  /** Left out where the method has none. */
  body?: Uint8Array;
}

export interface HttpAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** The first `CONNECTOR_ANSWER_BYTES_MAX` bytes, or as many as the definition asks for. */
  body: string;
  /** The same bytes undecoded, for answers that are no text. */
  bytes?: Uint8Array;
  /** By our clock, unix milliseconds. */
  receivedAtMs: number;
}

export type ItemOutcome =
  | { kind: 'ok' }
  | { kind: 'retry'; reason: string; unreachable?: true }
  | { kind: 'dead'; reason: string };

/** What became of one attempt. */
export type Outcome =
  /** The destination has every alert of the request. */
  | { kind: 'ok'; answer: string }
  /** Taken, and not yet safe: `confirm` must say so before the cursor moves. */
  | { kind: 'accepted'; ticket: string; answer: string }
  /** One outcome for each alert of the request, in order. */
  | { kind: 'partial'; answer: string; items: ItemOutcome[] }
  /**
   * Try again; `afterMs` is what the destination asked for, and holds for all alerts.
   * `unreachable`: no alert can be at fault, so none is ever given up for it.
   */
  | { kind: 'retry'; reason: string; afterMs?: number; unreachable?: true }
  /**
   * Something in this request is refused. The kit halves it until one alert is alone, which is then
   * dead; `at` names the alert where the destination does, and spares the halving.
   */
  | { kind: 'split'; reason: string; at?: number }
  /** The destination will never take any alert of this request. */
  | { kind: 'dead'; reason: string }
  /** The token was refused: it is fetched anew once, then the connector pauses. */
  | { kind: 'renew'; reason: string }
  /** Credentials or settings are wrong: nothing is sent and nothing is lost until that changes. */
  | { kind: 'pause'; reason: string };

/** How many alerts go out together. */
export interface Batch {
  alertsMax: number;
  /** Of the body: items, `separatorBytes` after each, `overheadBytes` once. */
  bytesMax: number;
  /** How long the oldest alert may wait for company. */
  ageMsMax: number;
  /**
   * `whole`: the destination takes all or nothing, so alerts of one session may go together.
   * `each`: alerts fail alone, so a request has one of each session at most.
   */
  order: 'whole' | 'each';
  /** 1 when left out. */
  separatorBytes?: number;
  /** 2 when left out. */
  overheadBytes?: number;
}

/** What one request is made of. */
export interface Sending {
  /** Never empty; exactly one where the definition has no `batch`. */
  items: Item[];
  /** Unix milliseconds of this attempt. */
  atMs: number;
  /** Where the definition has `token`. */
  token?: string;
  /** From 1, the highest of the items. */
  attempt: number;
}

export interface Token {
  token: string;
  expiresInMs: number;
}

/** Settings as `encode` and `batch` see them: secrets are still references, so none can be sent. */
type Plain<S extends z.ZodObject> = z.infer<S>;
type Opened<S extends z.ZodObject> = Resolved<z.infer<S>>;

/** What both kinds of connector say. */
export interface Definition<S extends z.ZodObject> {
  /** What `type` in the configuration names; also the folder. */
  type: string;
  /** Strict; a secret is a `secretReference()`; each setting has its `.describe()`. */
  config: S;
  /** One alert a request when left out. */
  batch?(config: Plain<S>): Batch;
  /** `answered` when left out; shown beside the state of the connector. */
  guarantee?(config: Plain<S>): Guarantee;
  /** The bytes to send, the alert's id among them. Pure. Throws ALERT_TOO_LARGE. */
  encode(alert: DeliverableAlert, config: Plain<S>): Uint8Array;
}

/** Each throws SECRET_INVALID or CONNECTOR_CONFIG_INVALID, which pause the connector. */
export interface HttpDefinition<S extends z.ZodObject> extends Definition<S> {
  request(sending: Sending, config: Opened<S>): HttpRequest;
  /** Reads the destination's own refusals; `classifyAnswer` when left out. */
  classify?(answer: HttpAnswer, items: Item[], config: Opened<S>): Outcome;
  /** How much of an answer `classify` needs; `CONNECTOR_ANSWER_BYTES_MAX` when left out. */
  answerBytesMax?: number;
  /** Fetched before the first request, before it ends, and once anew after `renew`. */
  token?: {
    request(config: Opened<S>): HttpRequest;
    /** An outcome says why there is none: only `retry` and `pause` are meant. */
    read(answer: HttpAnswer): Token | Outcome;
  };
  /** Asks until every ticket is confirmed or `triesMax` is over; then the alerts are sent again. */
  confirm?: {
    pollMs: number;
    triesMax: number;
    request(tickets: string[], config: Opened<S>): HttpRequest;
    /** What is missing or `false` is asked for again. */
    read(answer: HttpAnswer): Map<string, boolean> | Outcome;
  };
  /** Asks the destination for its health, without an alert: a step of the self-test. */
  probe?(config: Opened<S>): HttpRequest;
}

export interface Address {
  host: string;
  port: number;
  /** Name that a TLS certificate must have; `host` when left out. */
  serverName?: string;
}

/** One datagram at a time to one destination. */
export interface Datagrams {
  /** Resolves when the system took it; nobody knows whether it arrives. */
  send(bytes: Uint8Array): Promise<void>;
  /** Where ICMP has said that nobody is there, which comes after the datagram was sent. */
  failure(): Error | undefined;
  close(): void;
}

/**
 * The only way out for a stream: every address is checked against `allow` when it is connected to;
 * TLS is always verified, with `ca_file`, `cert_file` and `key_file` of the settings.
 */
export interface Io {
  clock: Clock;
  /** At once; `connect`, `secureConnect` and `error` come as events, as of `node:net` and `tls`. */
  tcp(to: Address): Socket;
  tls(to: Address): Socket;
  /** Resolves when it may be written to; rejects after `CONNECTOR_CONNECT_MS_MAX`. */
  connect(to: Address, secure: boolean, signal?: AbortSignal): Promise<Socket>;
  udp(to: Address): Promise<Datagrams>;
  /** What an error of a connection means: to try again with a hint, or to pause. */
  failure(error: unknown): Outcome;
}

/** Connects when it has to; a failed `send` may end a connection, never the channel. */
export interface Channel {
  /** Never rejects. One call at a time unless `StreamDefinition.concurrent`. */
  send(items: Item[], signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}

/** A message of a stream as a person may look at it. */
export interface Preview {
  /** Where it goes: `tls://host:port`, `kafka://broker:port/topic`. */
  to: string;
  /** What goes with the bytes: a topic's key and headers, the framing. */
  details: Record<string, string>;
  bytes: Uint8Array;
}

export interface StreamDefinition<S extends z.ZodObject> extends Definition<S> {
  /** What an item of `encode` looks like on its way; for `connectors test --dry-run`. Pure. */
  preview(bytes: Uint8Array, config: Plain<S>): Preview;
  /** Anew after secrets, `ca_file` or the certificate have changed. Connects nowhere by itself. */
  open(config: Opened<S>, io: Io): Channel;
  /** `send` may be called again before the last one is answered. */
  concurrent?: boolean;
}
