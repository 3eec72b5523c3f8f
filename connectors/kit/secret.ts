/**
 * Secrets are named in the configuration and never written there. What was read shows itself as
 * `[redacted]` wherever it is printed, and `scrub` takes it out of what a destination sent back.
 */
import { readFileSync, statSync } from 'node:fs';
import { inspect } from 'node:util';
import { CONNECTOR_SECRET_BYTES_MAX } from '@vitrine/schema';
import { z } from 'zod';
import { oneLine } from './classify.ts';
import { ConnectorError, systemCode } from './error.ts';

/** Where `{env: NAME}` is looked up; tests give their own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Tokens live for an hour or so, and an answer comes within a minute. */
const FETCHED_HIDDEN_MAX = 8;

const REDACTED = '[redacted]';

type Source = { env: string } | { file: string };

/** Where a secret is, as the configuration says. */
export class SecretReference {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  get source(): Source {
    return this.#source;
  }
}

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** For the request alone. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** `{env: NAME}` or `{file: PATH}` in a connector's schema. */
export function secretReference() {
  const source = z.union(
    [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
    { error: 'a secret is {env: NAME} or {file: PATH}, never the value itself' },
  );
  return source.transform((value: Source) => new SecretReference(value));
}

/** The same settings with every reference replaced by its secret. */
export type Resolved<T> = T extends SecretReference
  ? Secret
  : T extends readonly (infer U)[]
    ? Resolved<U>[]
    : T extends object
      ? { [K in keyof T]: Resolved<T[K]> }
      : T;

/** Throws SECRET_MISSING or SECRET_INVALID. */
export function resolveSecrets<T>(settings: T, reader: SecretReader): Resolved<T> {
  return withReferences(settings, (reference) => reader.read(reference)) as Resolved<T>;
}

/** The same with what `put` answers in place of every reference, at any depth. */
export function withReferences(
  value: unknown,
  put: (reference: SecretReference) => unknown,
): unknown {
  if (value instanceof SecretReference) return put(value);
  if (Array.isArray(value)) return value.map((item) => withReferences(item, put));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  return Object.fromEntries(members.map(([key, member]) => [key, withReferences(member, put)]));
}

/** Reads the secrets of one connector, files again whenever they change. */
export class SecretReader {
  readonly #environment: Environment;
  /** What each file looked like when it was last read. */
  readonly #stamps = new Map<string, string>();
  readonly #values = new Map<string, Secret>();
  /** Every text that must not be shown, longest first; keeps what a rotation replaced. */
  #hidden: string[] = [];
  /** Of each token the texts that must not be shown; newest first. */
  #fetched: string[][] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  read(reference: SecretReference): Secret {
    const { source } = reference;
    return 'env' in source ? this.#readVariable(source.env) : this.#readFile(source.file);
  }

  /** Whether a file is not what was read: a paused connector then tries again. */
  changed(): boolean {
    return [...this.#stamps].some(([path, stamp]) => stampOf(path) !== stamp);
  }

  /** A token that was fetched: hidden like a secret, for as long as it may turn up. */
  hide(text: string): void {
    this.#fetched = [hiddenTexts(text), ...this.#fetched.slice(0, FETCHED_HIDDEN_MAX - 1)];
  }

  scrub(text: string): string {
    const all = [...this.#fetched.flat(), ...this.#hidden];
    return all.reduce((rest, hidden) => rest.replaceAll(hidden, REDACTED), text);
  }

  #readVariable(name: string): Secret {
    const value = this.#environment[name];
    const known = this.#values.get(`env ${name}`);
    if (known !== undefined && known.reveal() === value?.trim()) return known;
    if (value !== undefined) return this.#keep(`env ${name}`, `$${name}`, value);
    const hint = `set ${name} before the start, or use {file: …}`;
    throw new ConnectorError('SECRET_MISSING', `the environment has no ${name}`, hint);
  }

  #readFile(path: string): Secret {
    const stamp = stampOf(path);
    const known = this.#values.get(`file ${path}`);
    if (known !== undefined && this.#stamps.get(path) === stamp) return known;
    this.#stamps.set(path, stamp);
    try {
      if (statSync(path).size > CONNECTOR_SECRET_BYTES_MAX) {
        const message = `${path} is larger than ${CONNECTOR_SECRET_BYTES_MAX} bytes`;
        throw new ConnectorError('SECRET_INVALID', message, 'name the file of the secret');
      }
      return this.#keep(`file ${path}`, path, readFileSync(path, 'utf8'));
    } catch (cause) {
      this.#values.delete(`file ${path}`);
      if (cause instanceof ConnectorError) throw cause;
      const message = `cannot read ${path} (${systemCode(cause) ?? 'unknown'})`;
      const hint = 'the connector goes on as soon as the file can be read';
      throw new ConnectorError('SECRET_MISSING', message, hint, { cause });
    }
  }

  #keep(key: string, shown: string, text: string): Secret {
    const value = text.trim();
    if (value === '') {
      throw new ConnectorError('SECRET_INVALID', `${shown} is empty`, 'give it the secret');
    }
    const secret = new Secret(value);
    this.#values.set(key, secret);
    const hidden = new Set([...this.#hidden, ...hiddenTexts(value)]);
    this.#hidden = [...hidden].toSorted((a, b) => b.length - a.length);
    return secret;
  }
}

/** Size, place and time of change: what an editor, a rotation or a mounted secret changes. */
export function stampOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return systemCode(error) ?? 'unknown';
  }
}

/** Parts of a URL shorter than this are words, not secrets. */
const URL_SECRET_CHARS_MIN = 8;

/** A secret, and of a secret URL the parts that servers like to repeat, however written. */
function hiddenTexts(value: string): string[] {
  const texts = [value, ...partsOfUrl(value)].flatMap((text) => [
    text,
    encodeURIComponent(text.toWellFormed()),
    new URLSearchParams({ '': text }).toString().slice(1),
    JSON.stringify(text).slice(1, -1),
    oneLine(text),
  ]);
  return texts.filter((text) => text !== '');
}

function partsOfUrl(value: string): string[] {
  if (!URL.canParse(value)) return [];
  const url = new URL(value);
  const escaped = [...url.pathname.split('/'), url.password];
  const parts = [...escaped, ...escaped.map(unescaped), ...url.searchParams.values()];
  return parts.filter((part) => part.length >= URL_SECRET_CHARS_MIN);
}

/** As a server reads a part of a URL; where its escapes are broken, as it is. */
export function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
