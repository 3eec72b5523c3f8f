/**
 * What detection knows of a session: its `open` record, which only the sequencer writes
 * (`<session>/sup`, LOG.md §2). Members are read defensively, for a pushed session's `open` has
 * none of them.
 */
import { type Grant, isObject, type Json, type JsonObject } from '@vitrine/schema';
import { normalPath } from './grants.ts';
import { compilePattern, type TextTest } from './pattern.ts';

const WHOLE = { cased: false, anyBefore: false, anyAfter: false };

export class SessionContext {
  /** The `open` record itself. */
  readonly record: JsonObject;
  /** Directories that were granted, normalised; undefined when none were. */
  readonly roots: readonly string[] | undefined;
  readonly host: JsonObject;
  readonly purpose: Json | undefined;
  readonly credentials: ReadonlySet<string>;
  /** Names of the sources that should be heard. */
  readonly expected: ReadonlySet<string>;
  readonly #lists: Record<Placeholder, string[]>;
  #hosts: TextTest[] | undefined;
  /** Tests made for this session's lists, by the place in the rule that needs them. */
  readonly tests = new WeakMap<object, ((text: string) => boolean)[]>();

  constructor(record: JsonObject) {
    this.record = record;
    const grants = listOf(record.grants).flatMap(grantOf);
    const roots = grants.flatMap(({ path }) => normalPath(path, undefined) ?? []);
    this.roots = grants.length === 0 ? undefined : roots;
    this.host = isObject(record.host) ? record.host : {};
    this.purpose = record.purpose;
    const credentials = textsOf(record.credentials);
    this.credentials = new Set(credentials.map((fingerprint) => fingerprint.toLowerCase()));
    this.expected = new Set(textsOf(record.expected).map(sourceName));
    const hosts = textsOf(record.hosts).map(withoutPort);
    const functions = textsOf(record.functions);
    this.#lists = {
      session_credentials: credentials,
      provider_hosts: hosts,
      granted_functions: functions,
    };
  }

  isHostAllowed(host: string): boolean {
    this.#hosts ??= this.#lists.provider_hosts.map((entry) => compilePattern(entry, WHOLE));
    return this.#hosts.some((test) => test(host));
  }

  list(name: Placeholder): string[] {
    return this.#lists[name];
  }
}

/** Placeholders a rule may expand, each a list of the session's `open` record. */
export const PLACEHOLDERS = ['session_credentials', 'provider_hosts', 'granted_functions'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

export function isPlaceholder(name: string): name is Placeholder {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}

/** A host at a port of its own is written with it; in a request the port stands apart. */
function withoutPort(host: string): string {
  return host.replace(/^([^:]+):\d+$/, '$1').replace(/\.$/, '');
}

/** `VANTAGE/NAME` or `NAME`, as a registration has it. */
function sourceName(text: string): string {
  return text.slice(text.indexOf('/') + 1);
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(value: Json | undefined): string[] {
  return listOf(value).filter((item) => typeof item === 'string');
}

function grantOf(value: Json): Grant[] {
  if (!isObject(value) || typeof value.path !== 'string') return [];
  const { path, mode } = value;
  return mode === 'ro' || mode === 'rw' || mode === 'rw_no_delete' ? [{ path, mode }] : [];
}
