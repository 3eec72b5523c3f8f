/**
 * The provider's function behind a request, where host, method and path say it beyond doubt, by
 * `catalogue.json`, which serves every proxy. An allowed host is a grant of all its functions; a
 * rule needs to know which one was used.
 */
import { readFileSync } from 'node:fs';
import { ShimError } from '../error.ts';

/** What a function can be used for; more than one may hold. */
const CLASSES = ['read', 'write', 'upload', 'persistent', 'admin', 'fetch'] as const;
export type FunctionClass = (typeof CLASSES)[number];

interface CatalogueEntry {
  host: string;
  methods: string[];
  /** `*` is one segment, `**` at the end any number of them. */
  path: string;
  id: string;
  class: FunctionClass[];
}

/** What in a request makes the server fetch or run something. */
interface FetchMarkers {
  /** Members of a JSON body whose value is a URL that the server asks for. */
  url_members: string[];
  /** Members, or types of a content block, that do so by being there. */
  members: string[];
  /** How the types of such tools begin: the dates behind them change. */
  tool_prefixes: string[];
  /** Headers that turn such functions on. */
  headers: string[];
}

interface Catalogue {
  functions: CatalogueEntry[];
  fetch: FetchMarkers;
}

export const CATALOGUE: Catalogue = JSON.parse(
  readFileSync(new URL('catalogue.json', import.meta.url), 'utf8'),
);

export interface KnownFunction {
  id: string;
  classes: FunctionClass[];
}

const BY_HOST = Map.groupBy(CATALOGUE.functions, ({ host }) => host);

/**
 * A function that is granted by name, or with `*` at its end all whose names begin so. One that no
 * request can have would grant nothing, unseen. Throws FUNCTION_UNKNOWN.
 */
export function parseFunction(text: string): string {
  const start = text.endsWith('*') ? text.slice(0, -1) : undefined;
  const isMeant = (id: string): boolean =>
    start === undefined ? id === text : id.startsWith(start);
  if (CATALOGUE.functions.some(({ id }) => isMeant(id))) return text;
  const hint = 'packages/shim/src/egress/catalogue.json has their names: github.git.push, slack.*';
  throw new ShimError('FUNCTION_UNKNOWN', `${text}: no such function`, hint);
}

/** `path`: without the query. `undefined` for what is not known, and for a path of two readings. */
export function functionOf(host: string, method: string, path: string): KnownFunction | undefined {
  const entries = BY_HOST.get(hostName(host));
  if (entries === undefined) return undefined;
  const segments = segmentsOf(path);
  if (segments === undefined) return undefined;
  const found = entries.find(
    (entry) => entry.methods.includes(method) && fits(entry.path.split('/').slice(1), segments),
  );
  return found === undefined ? undefined : { id: found.id, classes: found.class };
}

/**
 * A path on a host of the catalogue that two servers may read in two ways. One slash at its end is
 * none: that leads to the same page, or to none.
 */
export function isUnclear(host: string, path: string): boolean {
  if (!BY_HOST.has(hostName(host))) return false;
  const rest = path.endsWith('/') ? path.slice(0, -1) : path;
  return rest !== '' && segmentsOf(rest) === undefined;
}

function hostName(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

/**
 * A server may take `//`, `/./`, `/../`, an encoded slash or a trailing one in more than one way:
 * what it would run is not known then, and is not guessed.
 */
function segmentsOf(path: string): string[] | undefined {
  if (!path.startsWith('/')) return undefined;
  const segments: string[] = [];
  for (const raw of path.slice(1).split('/')) {
    let segment: string;
    try {
      segment = decodeURIComponent(raw);
    } catch {
      return undefined;
    }
    if (/^$|^\.{1,2}$|[/\\;%\0]/.test(segment)) return undefined;
    segments.push(segment);
  }
  return segments;
}

function fits(template: string[], segments: string[]): boolean {
  const rest = template.at(-1) === '**';
  const fixed = rest ? template.slice(0, -1) : template;
  if (rest ? segments.length < fixed.length : segments.length !== fixed.length) return false;
  return fixed.every((part, i) => part === '*' || part === segments[i]);
}
