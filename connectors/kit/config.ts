/**
 * The settings every connector has, and how a section of the configuration is read. The only file
 * of the connectors that reads the environment.
 */
import { CONNECTOR_ALLOW_MAX, CONNECTOR_RATE_MAX } from '@vitrine/schema';
import { z } from 'zod';
import { ConnectorError } from './error.ts';
import { type Environment, type SecretReference, secretReference } from './secret.ts';
import { allowMistake } from './wire/address.ts';

export const processEnvironment: Environment = process.env;

const HTTP_PROTOCOLS = ['http:', 'https:'];
const URL_MISTAKE = 'must be an http or https URL without user:password@';
const SECRET_URL_MISTAKE = `${URL_MISTAKE}, or {env: NAME} or {file: PATH}`;

const allowEntry = z.string().superRefine((entry, context) => {
  const mistake = allowMistake(entry);
  if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake });
});

/** Spread into the strict object of each connector's own settings; the texts are its manual. */
export const deliverySettings = {
  allow: z
    .array(allowEntry)
    .max(CONNECTOR_ALLOW_MAX)
    .default([])
    .describe(
      'addresses beside the public ones that may be connected to: `loopback`, `private`, a CIDR, ' +
        'an address; link-local and metadata addresses are never allowed',
    ),
  start: z
    .enum(['now', 'beginning'])
    .default('now')
    .describe("where a new connector begins: with alerts from now on, or with the log's first"),
  ca_file: path('PEM file of authorities that are trusted instead of the public ones'),
  cert_file: path('PEM file of the certificate that we show (mTLS), its chain included'),
  key_file: path('PEM file of its key'),
  rate: z
    .number()
    .positive()
    .max(CONNECTOR_RATE_MAX)
    .optional()
    .describe('alerts a second, at most'),
};

/** The same and what only HTTP has. */
export const httpSettings = {
  ...deliverySettings,
  proxy: urlOrSecret()
    .optional()
    .describe(
      'http or https URL of a proxy that every connection goes through; a secret reference when ' +
        'it has user:password@. The environment is never asked',
    ),
};

export interface DeliverySettings {
  allow: string[];
  start: 'now' | 'beginning';
  ca_file?: string | undefined;
  cert_file?: string | undefined;
  key_file?: string | undefined;
  rate?: number | undefined;
}

export interface HttpSettings extends DeliverySettings {
  proxy?: string | SecretReference | undefined;
}

/** A setting that is such an address. */
export function plainUrl() {
  return z.string().refine(isPlainUrl, URL_MISTAKE);
}

/** The same, or a reference where the address itself is a credential. */
export function urlOrSecret() {
  const plain = z.string().refine(isPlainUrl, SECRET_URL_MISTAKE);
  return z.union([plain, secretReference()], SECRET_URL_MISTAKE);
}

/** An http or https address without credentials: those belong in a secret. */
export function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return HTTP_PROTOCOLS.includes(protocol) && username === '' && password === '';
}

function path(meaning: string) {
  return z.string().min(1).optional().describe(`${meaning}; read again when it changes`);
}

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The name is a directory, a label and a word of the command line. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  const hint = 'use small letters, digits and hyphens, 63 at most';
  throw new ConnectorError('CONNECTOR_CONFIG_INVALID', `connectors: ${quoted(name)}: name`, hint);
}

/** Throws CONNECTOR_CONFIG_INVALID; the message never has a value in it, for it may be a secret. */
export function parseSettings<S extends z.ZodObject>(
  name: string,
  schema: S,
  raw: unknown,
): z.infer<S> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return checkTls(name, parsed.data);
  const issues = parsed.error.issues.map((issue) => {
    return `connectors.${[name, ...issue.path].join('.')}: ${issue.message}`;
  });
  const hint = `the settings are: ${['type', ...Object.keys(schema.shape)].join(', ')}`;
  throw new ConnectorError('CONNECTOR_CONFIG_INVALID', issues.join('; '), hint);
}

/** Whether a setting is there that means nothing without TLS. */
export function wantsTls({ ca_file, cert_file, key_file }: DeliverySettings): boolean {
  return [ca_file, cert_file, key_file].some((path) => path !== undefined);
}

/**
 * A certificate is of no use without its key, nor the other way round, and none of the files where
 * nothing is encrypted: whoever set one believes that it is.
 */
function checkTls<T>(name: string, settings: T): T {
  const known = settings as Partial<DeliverySettings> & { url?: unknown; proxy?: unknown };
  const { ca_file, cert_file, key_file, url, proxy } = known;
  const isHalf = (cert_file === undefined) !== (key_file === undefined);
  if (isHalf) throw invalid(name, 'cert_file and key_file go together', 'set both, or neither');
  const isPlain = typeof url === 'string' && /^http:/i.test(url) && proxy === undefined;
  if (!isPlain || (ca_file ?? cert_file) === undefined) return settings;
  const found = 'ca_file, cert_file and key_file are of TLS, and url is http:';
  throw invalid(name, found, 'write url with https:, or leave the files out');
}

function invalid(name: string, found: string, hint: string): ConnectorError {
  return new ConnectorError('CONNECTOR_CONFIG_INVALID', `connectors.${name}: ${found}`, hint);
}

export function quoted(text: string): string {
  const shown = text.length > 64 ? `${text.slice(0, 63)}…` : text;
  return JSON.stringify(shown);
}
