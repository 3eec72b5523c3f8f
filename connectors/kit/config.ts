/**
 * The settings every connector has, and how a section of the configuration is read. The only file
 * of the connectors that reads the environment.
 */
import { CONNECTOR_ALLOW_MAX } from '@vitrine/schema';
import { z } from 'zod';
import { ConnectorError } from './error.ts';
import { allowMistake } from './wire/address.ts';

/** Where `{env: NAME}` is looked up; tests give their own. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const processEnvironment: Environment = process.env;

const allowEntry = z.string().superRefine((entry, context) => {
  const mistake = allowMistake(entry);
  if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake });
});

/** Spread into the strict object of each connector's own settings. */
export const deliverySettings = {
  /**
   * Addresses beside the public ones that may be connected to: `loopback`, `private`, a CIDR or an
   * address. Link-local and metadata addresses are never allowed.
   */
  allow: z.array(allowEntry).max(CONNECTOR_ALLOW_MAX).default([]),
  /** Where a new connector begins: with alerts from now on, or with the log's first. */
  start: z.enum(['now', 'beginning']).default('now'),
  /** PEM file of certificate authorities trusted instead of the public ones; read at start. */
  ca_file: z.string().min(1).optional(),
};

export interface DeliverySettings {
  allow: string[];
  start: 'now' | 'beginning';
  ca_file?: string | undefined;
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
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => {
    return `connectors.${[name, ...issue.path].join('.')}: ${issue.message}`;
  });
  const hint = `the settings are: ${['type', ...Object.keys(schema.shape)].join(', ')}`;
  throw new ConnectorError('CONNECTOR_CONFIG_INVALID', issues.join('; '), hint);
}

export function quoted(text: string): string {
  const shown = text.length > 64 ? `${text.slice(0, 63)}…` : text;
  return JSON.stringify(shown);
}
