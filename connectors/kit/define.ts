/**
 * Makes a definition into a connector type: settings are read and checked once, and every pure
 * function of the connector is called with them.
 */
import { CONNECTOR_ANSWER_BYTES_MAX } from '@vitrine/schema';
import type { Guarantee } from '@vitrine/schema/api';
import type { z } from 'zod';
import { classifyAnswer } from './classify.ts';
import { type DeliverySettings, type HttpSettings, parseSettings } from './config.ts';
import type {
  Batch,
  Channel,
  Definition,
  DeliverableAlert,
  HttpAnswer,
  HttpDefinition,
  HttpRequest,
  Io,
  Item,
  Outcome,
  Preview,
  Sending,
  StreamDefinition,
  Token,
} from './contract.ts';
import { resolveSecrets, type SecretReader } from './secret.ts';

const ONE_BY_ONE: Batch = {
  alertsMax: 1,
  bytesMax: Number.POSITIVE_INFINITY,
  ageMsMax: 0,
  order: 'whole',
};

/** Requests of an HTTP connector; each reads its secrets when it is made. */
export interface HttpTransport {
  kind: 'http';
  proxy: HttpSettings['proxy'];
  answerBytesMax: number;
  request(sending: Sending, secrets: SecretReader): HttpRequest;
  classify(answer: HttpAnswer, items: Item[], secrets: SecretReader): Outcome;
  token?: {
    request(secrets: SecretReader): HttpRequest;
    read(answer: HttpAnswer): Token | Outcome;
  };
  confirm?: {
    pollMs: number;
    triesMax: number;
    request(tickets: string[], secrets: SecretReader): HttpRequest;
    read(answer: HttpAnswer): Map<string, boolean> | Outcome;
  };
  probe?(secrets: SecretReader): HttpRequest;
}

export interface StreamTransport {
  kind: 'stream';
  concurrent: boolean;
  preview(bytes: Uint8Array): Preview;
  open(secrets: SecretReader, io: Io): Channel;
}

type Transport = HttpTransport | StreamTransport;

/** A connector with its settings, its secrets still references. */
export interface ConfiguredConnector<T extends Transport = Transport> {
  type: string;
  settings: DeliverySettings;
  batch: Batch;
  guarantee: Guarantee;
  encode(alert: DeliverableAlert): Uint8Array;
  transport: T;
}

export interface ConnectorType<T extends Transport = Transport> {
  type: string;
  /** Of all settings but `type`. */
  schema: z.ZodObject;
  /** Throws CONNECTOR_CONFIG_INVALID. `name` is the connector's in the configuration. */
  configure(name: string, raw: unknown): ConfiguredConnector<T>;
}

/** Its settings spread `...httpSettings`. */
export function defineConnector<S extends z.ZodObject>(
  definition: z.infer<S> extends HttpSettings ? HttpDefinition<S> : never,
): ConnectorType<HttpTransport> {
  const made: HttpDefinition<S> = definition;
  return typeOf<S, HttpSettings, HttpTransport>(made, (config) => httpTransport(made, config));
}

/** Its settings spread `...deliverySettings`. */
export function defineStream<S extends z.ZodObject>(
  definition: z.infer<S> extends DeliverySettings ? StreamDefinition<S> : never,
): ConnectorType<StreamTransport> {
  const made: StreamDefinition<S> = definition;
  return typeOf<S, DeliverySettings, StreamTransport>(made, (config) => ({
    kind: 'stream',
    concurrent: made.concurrent ?? false,
    preview: (bytes) => made.preview(bytes, config),
    open: (secrets, io) => made.open(resolveSecrets<z.infer<S>>(config, secrets), io),
  }));
}

/** What every connector has, around its own `transport`; `D` are the settings that `S` spreads. */
function typeOf<S extends z.ZodObject, D extends DeliverySettings, T extends Transport>(
  made: Definition<S>,
  transport: (config: z.infer<S> & D) => T,
): ConnectorType<T> {
  return {
    type: made.type,
    schema: made.config,
    configure(name, raw) {
      const config = parseSettings(name, made.config, raw) as z.infer<S> & D;
      return {
        type: made.type,
        settings: config,
        batch: made.batch?.(config) ?? ONE_BY_ONE,
        guarantee: made.guarantee?.(config) ?? 'answered',
        encode: (alert) => made.encode(alert, config),
        transport: transport(config),
      };
    },
  };
}

function httpTransport<S extends z.ZodObject>(
  made: HttpDefinition<S>,
  config: z.infer<S> & HttpSettings,
): HttpTransport {
  const { request, classify, token, confirm, probe } = made;
  const opened = (secrets: SecretReader) => resolveSecrets<z.infer<S>>(config, secrets);
  return {
    kind: 'http',
    proxy: config.proxy,
    answerBytesMax: made.answerBytesMax ?? CONNECTOR_ANSWER_BYTES_MAX,
    request: (sending, secrets) => request(sending, opened(secrets)),
    classify(answer, items, secrets) {
      // Secret files are looked at only where somebody asks for them.
      return classify?.(answer, items, opened(secrets)) ?? classifyAnswer(answer);
    },
    ...(token && {
      token: {
        request: (secrets: SecretReader) => token.request(opened(secrets)),
        read: token.read,
      },
    }),
    ...(confirm && {
      confirm: {
        ...confirm,
        request: (tickets: string[], secrets: SecretReader) => {
          return confirm.request(tickets, opened(secrets));
        },
      },
    }),
    ...(probe && { probe: (secrets: SecretReader) => probe(opened(secrets)) }),
  };
}
