/**
 * The collector's settings: one schema, a default for everything, unknown keys refused with the
 * nearest name. The only file of the collector that reads the environment.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { DEDUPE_WINDOW_MS, EDR_DEVICE_ID_CHARS_MAX, RETENTION_DAYS_MAX } from '@vitrine/schema';
import type { StoreConfig } from '@vitrine/store';
import { parse } from 'yaml';
import { z } from 'zod';
import { CollectorError, systemCode } from './error.ts';
import type { PullTls } from './pull/dial.ts';
import { type SandboxRequest, sandboxRequest } from './pull/registration.ts';

const MS_PER_S = 1_000;
const MS_PER_DAY = 86_400_000;
const days = z.number().positive().max(RETENTION_DAYS_MAX);
const port = z.number().int().min(0).max(65_535);

/** What an EDR calls a machine: printable, without blanks. */
export const EDR_DEVICE_ID = new RegExp(`^[!-~]{1,${EDR_DEVICE_ID_CHARS_MAX}}$`);

const edrVendor = z.string().regex(/^[a-z0-9_-]{1,63}$/);
const edrPage = z
  .string()
  .regex(/^https?:\/\/[!-~]*\{device_id\}[!-~]*$/, 'must be an address with {device_id} in it');

const secret = z.union([z.strictObject({ env: z.string() }), z.strictObject({ file: z.string() })]);

const schema = z.strictObject({
  /** First part of every origin; the auditor's trust file names it. */
  name: z
    .string()
    .regex(/^[a-z0-9.-]{1,63}$/)
    .default('vitrine.local'),
  tenant: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/)
    .default('default'),
  listen: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      api: port.default(4319),
      otlp_http: port.default(4318),
      otlp_grpc: port.default(4317),
      /** Of the dashboard, which the command line starts beside the collector. */
      dashboard: port.default(3000),
    })
    .prefault({}),
  store: z
    .discriminatedUnion('mode', [
      z.strictObject({ mode: z.literal('embedded'), dir: z.string().optional() }),
      z.strictObject({
        mode: z.literal('server'),
        url: z.url(),
        user: z.string(),
        password: secret,
        /** A user that may only read; commands and dashboards are told this one alone. */
        reader: z.strictObject({ user: z.string(), password: secret }).optional(),
      }),
    ])
    .prefault({ mode: 'embedded' }),
  journal: z
    .strictObject({
      /** Off only to show that the crash harness finds the loss. */
      fsync: z.boolean().default(true),
      dir: z.string().optional(),
      /** How long input stays that the log has; a request repeated later is taken as a new one. */
      keep_seconds: z
        .number()
        .int()
        .min(1)
        .max(DEDUPE_WINDOW_MS / MS_PER_S)
        .default(DEDUPE_WINDOW_MS / MS_PER_S),
    })
    .prefault({}),
  /** Days that the contents of records are kept; left out, for ever. The records stay. */
  retention: z
    .strictObject({
      parts: days.optional(),
      /** By the name of a part; each fewer days than `parts`. */
      named: z.record(z.string().regex(/^[a-z0-9_.-]{1,64}$/), days).default({}),
    })
    .refine(({ parts, named }) => Object.values(named).every((n) => n <= (parts ?? n)), {
      error: 'named: a part cannot be kept for more days than parts are',
    })
    .prefault({}),
  /** Copies of the log elsewhere: `vitrine backup`, as often as you run it. */
  backup: z
    .strictObject({
      /** Days that copies are kept. With it, batches wait in `log/` for a backup to hold them. */
      keep_days: days.optional(),
    })
    .prefault({}),
  rules: z
    .strictObject({
      /** The shipped rules; off leaves only those of `dir`. */
      builtin: z.boolean().default(true),
      dir: z.string().optional(),
    })
    .prefault({}),
  connectors: z.record(z.string(), z.unknown()).default({}),
  /** The collector's own traces; without an endpoint there are none. */
  traces: z
    .strictObject({
      /** Base URL of OTLP/HTTP. */
      endpoint: z.url().optional(),
    })
    .prefault({}),
  /** How relays are pulled, and which ones besides those that a runtime registers. */
  pull: z
    .strictObject({
      /** For relays over TLS: PEM files. Read once, at the start. */
      tls: z.strictObject({ cert: z.string(), key: secret, ca: z.string() }).optional(),
      /** Watched for registrations and sockets. */
      directory: z.string().refine(isAbsolute, 'must be an absolute path').optional(),
      /** As `POST /v1/sandboxes` takes them, but for the key. */
      sandboxes: z
        .array(
          z.strictObject({
            session: z.string(),
            description: z.looseObject({}),
            relay: z.looseObject({ mac_key: secret }),
          }),
        )
        .default([]),
    })
    .prefault({}),
  /** Said of this host where the runtime of a sandbox says nothing. */
  host: z
    .strictObject({
      edr: z
        .strictObject({
          vendor: edrVendor,
          /** The id itself, a file that holds it, or a program and its arguments that print it. */
          device_id: z.union([
            z.string().regex(EDR_DEVICE_ID),
            z.strictObject({ file: z.string() }),
            z.strictObject({ command: z.array(z.string()).min(1) }),
          ]),
        })
        .optional(),
    })
    .prefault({}),
  /** Pages of other tools that lead on from here. */
  links: z
    .strictObject({
      /** The console of the EDR, for all vendors or each: an address with `{device_id}` in it. */
      edr: z.union([edrPage, z.record(edrVendor, edrPage)]).default({}),
    })
    .prefault({}),
  /** Where links in alerts lead to; the dashboard's own address where it is left out. */
  public_url: z.url().optional(),
});

export type EdrSource = NonNullable<z.infer<typeof schema>['host']['edr']>;

export type Config = z.infer<typeof schema> & {
  dataDir: string;
  rulesDir: string;
  /** Without a slash at its end. */
  public_url: string;
};

export function loadConfig(dataDir: string, file: string | undefined): Config {
  const root = resolve(dataDir);
  const path = file ?? join(root, 'vitrine.yaml');
  if (file !== undefined && !existsSync(path)) {
    throw new CollectorError('CONFIG_INVALID', `${path}: there is no such file`, 'check --config');
  }
  const raw = existsSync(path) ? readYaml(path) : {};
  const parsed = schema.safeParse(raw ?? {});
  if (!parsed.success) {
    throw new CollectorError(
      'CONFIG_INVALID',
      `${path}: ${describe(parsed.error)}`,
      hintFor(parsed.error),
    );
  }
  const { rules, listen, public_url } = parsed.data;
  return {
    ...parsed.data,
    dataDir: root,
    rulesDir: rules.dir ?? join(root, 'rules'),
    public_url: (public_url ?? `http://127.0.0.1:${listen.dashboard}`).replace(/\/+$/, ''),
  };
}

/** How long copies of what was deleted may stay in backups; 0 where none are made. */
export function backupKeepMs({ backup }: Pick<Config, 'backup'>): number {
  return Math.ceil((backup.keep_days ?? 0) * MS_PER_DAY);
}

/** Where the store is, with its secret resolved. */
export function storeConfig(config: Config): StoreConfig {
  const { store } = config;
  if (store.mode === 'embedded') {
    return { mode: 'embedded', dir: store.dir ?? join(config.dataDir, 'store') };
  }
  const { url, user, reader } = store;
  const server = { mode: 'server' as const, url, user, password: readSecret(store.password) };
  if (reader === undefined) return server;
  return { ...server, reader: { user: reader.user, password: readSecret(reader.password) } };
}

/** What relays over TLS are shown and measured by, read from its files; CONFIG_INVALID. */
export function pullTls({ pull }: Pick<Config, 'pull'>): PullTls | undefined {
  if (pull.tls === undefined) return undefined;
  const [cert, ca] = [pull.tls.cert, pull.tls.ca].map((file) => readSecret({ file }));
  const tls = { cert: cert!, key: readSecret(pull.tls.key), ca: ca! };
  try {
    createSecureContext(tls);
  } catch (cause) {
    const message = 'pull.tls: cert, key and ca are no certificate with its key';
    throw new CollectorError('CONFIG_INVALID', message, 'they are PEM files', { cause });
  }
  return tls;
}

/** The sandboxes that the settings name; CONFIG_INVALID. */
export function configuredSandboxes({ pull }: Pick<Config, 'pull'>): SandboxRequest[] {
  return pull.sandboxes.map(({ relay, ...rest }, i) => {
    const mac_key = readSecret(relay.mac_key);
    try {
      return sandboxRequest({ ...rest, relay: { ...relay, mac_key } });
    } catch (cause) {
      if (!(cause instanceof CollectorError)) throw cause;
      const message = `pull.sandboxes.${i}.${cause.message}`;
      throw new CollectorError('CONFIG_INVALID', message, cause.hint, { cause });
    }
  });
}

/** Resolves `{env: X}` or `{file: P}`. */
function readSecret(reference: { env: string } | { file: string }): string {
  if ('file' in reference) {
    try {
      return readFileSync(reference.file, 'utf8').trim();
    } catch (cause) {
      const message = `${reference.file} cannot be read (${systemCode(cause) ?? 'unknown'})`;
      const hint = 'a secret is {file: PATH} or {env: NAME}';
      throw new CollectorError('CONFIG_INVALID', message, hint, { cause });
    }
  }
  const value = process.env[reference.env];
  if (value === undefined) {
    const hint = `set ${reference.env} before you start, or use {file: …}`;
    throw new CollectorError('CONFIG_INVALID', `the environment has no ${reference.env}`, hint);
  }
  return value;
}

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const message = `${path}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new CollectorError('CONFIG_INVALID', message, 'the file must be YAML', { cause });
  }
}

function describe(error: z.ZodError): string {
  return error.issues
    .map((issue) => `${issue.path.join('.') || 'top level'}: ${issue.message}`)
    .join('; ');
}

function hintFor(error: z.ZodError): string {
  for (const issue of error.issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const known = namesAt(issue.path.map(String));
    return issue.keys.map((key) => `${key}: did you mean ${nearest(key, known)}?`).join(' ');
  }
  return 'docs/reference/config.md lists every setting';
}

function namesAt(path: string[]): string[] {
  const example = schema.parse({}) as Record<string, unknown>;
  let at: unknown = example;
  for (const step of path) at = (at as Record<string, unknown> | undefined)?.[step];
  return Object.keys((at as object | undefined) ?? example);
}

function nearest(key: string, names: string[]): string {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
        next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
      }
      row = next;
    }
    return row[b.length]!;
  };
  return names.toSorted((a, b) => distance(key, a) - distance(key, b))[0] ?? 'none';
}
