/**
 * What a connector is: pure functions from an alert to one HTTP request, and from the answer to an
 * outcome. The kit does everything else, so a connector does no I/O and reads no clock.
 */
import type { JsonObject } from '@vitrine/schema';
import type { z } from 'zod';
import { classifyAnswer } from './classify.ts';
import { type DeliverySettings, parseSettings } from './config.ts';
import { type Resolved, resolveSecrets, type SecretReader } from './secret.ts';

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
}

export interface HttpRequest {
  method: 'POST' | 'PUT';
  url: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface HttpAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** The first `CONNECTOR_ANSWER_BYTES_MAX` bytes. */
  body: string;
  /** By our clock, unix milliseconds. */
  receivedAtMs: number;
}

/** What became of one attempt. */
export type Outcome =
  | { kind: 'ok'; answer: string }
  /** Try again; `afterMs` is what the destination asked for, and holds for all alerts. */
  | { kind: 'retry'; reason: string; afterMs?: number }
  /** The destination will never take this alert. */
  | { kind: 'dead'; reason: string }
  /** Credentials or settings are wrong: nothing is sent and nothing is lost until that changes. */
  | { kind: 'pause'; reason: string };

/** One attempt to deliver an encoded alert. */
interface Attempt {
  id: string;
  body: Uint8Array;
  /** Unix milliseconds of this attempt. */
  atMs: number;
}

export interface ConnectorDefinition<S extends z.ZodObject> {
  /** What `type` in the configuration names; also the folder. */
  type: string;
  /** Strict, with `...deliverySettings`; a secret is a `secretReference()`. */
  config: S;
  /** The bytes to send. Throws ALERT_TOO_LARGE. */
  encode(alert: DeliverableAlert): Uint8Array;
  /** Throws SECRET_INVALID or CONNECTOR_CONFIG_INVALID, which pause the connector. */
  request(attempt: Attempt, config: Resolved<z.infer<S>>): HttpRequest;
  /** Reads the destination's own refusals; `classifyAnswer` when left out. */
  classify?(answer: HttpAnswer): Outcome;
}

/** A connector with its settings, its secrets still references. */
export interface ConfiguredConnector {
  type: string;
  settings: DeliverySettings;
  encode(alert: DeliverableAlert): Uint8Array;
  request(attempt: Attempt, secrets: SecretReader): HttpRequest;
  classify(answer: HttpAnswer): Outcome;
}

export interface ConnectorType {
  type: string;
  /** Names of all settings, for hints and documents. */
  settings: string[];
  /** Throws CONNECTOR_CONFIG_INVALID. `name` is the connector's in the configuration. */
  configure(name: string, raw: unknown): ConfiguredConnector;
}

export function defineConnector<S extends z.ZodObject>(
  definition: z.infer<S> extends DeliverySettings ? ConnectorDefinition<S> : never,
): ConnectorType {
  const { type, config: schema, encode, request, classify = classifyAnswer } = definition;
  const settings = Object.keys(schema.shape);
  return {
    type,
    settings,
    configure(name, raw) {
      const config = parseSettings(name, schema, raw) as z.infer<S> & DeliverySettings;
      return {
        type,
        settings: config,
        encode,
        request: (attempt, secrets) => request(attempt, resolveSecrets(config, secrets)),
        classify,
      };
    },
  };
}
