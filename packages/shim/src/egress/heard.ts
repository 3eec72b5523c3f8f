/** What a request says of itself, as the members of its record. Query values are never kept. */
import type { IncomingMessage } from 'node:http';
import { type AttributeValue, EGRESS_NAMES_MAX, FIELD_CHARS_MAX, Scrubber } from '@vitrine/schema';
import { nowNanos, type ShimEvent } from '../send/event.ts';
import type { CredentialReader, FoundCredentials } from './credential.ts';
import { functionOf, isUnclear } from './function.ts';
import type { Refusal, Verdict } from './host-rule.ts';

/** Where a request came in: through which tunnel, or in absolute form. */
export interface Place {
  host: string;
  port: number;
  secure: boolean;
  /** Server name of the client's TLS hello; empty when it sent none. */
  sni: string;
}

export type Members = Record<string, AttributeValue>;

/** Secrets are in paths too, of those that are known by their form. */
const scrubber = new Scrubber([]);

export function placeMembers({ host, port }: Place): Members {
  return { 'net.dst_host': host, 'net.dst_port': port };
}

export function decisionMembers(verdict: Pick<Verdict | Refusal, 'value' | 'rule'>): Members {
  return {
    'decision.value': verdict.value,
    'decision.rule': verdict.rule,
    'decision.source': 'egress list',
  };
}

/** `target`: path and query as they are sent on. */
export function requestMembers(
  request: IncomingMessage,
  place: Place,
  target: string,
  reader: CredentialReader,
): Members {
  const { path, query } = splitTarget(target);
  const method = request.method ?? '';
  const members: Members = {
    ...placeMembers(place),
    'http.method': method,
    'http.host': place.host,
    'http.path': scrubber.text(path),
  };
  if (place.sni !== '') members['http.sni'] = place.sni;
  const keys = [...new Set(new URLSearchParams(query).keys())].slice(0, EGRESS_NAMES_MAX);
  if (keys.length > 0) members['http.query_keys'] = keys.map((key) => scrubber.text(key));
  Object.assign(members, functionMembers(place.host, method, path));
  return { ...members, ...credentialMembers(reader.find(request.rawHeaders, query)) };
}

/** `path`: as it was sent, without the query. */
export function functionMembers(host: string, method: string, path: string): Members {
  const known = functionOf(host, method, path);
  if (known === undefined) return isUnclear(host, path) ? { 'http.path_unclear': true } : {};
  return { 'http.function': known.id, 'http.function_class': known.classes };
}

export function eventOf(kind: string, members: Members): ShimEvent {
  return { kind, t: nowNanos(), attributes: fitted(members) };
}

/**
 * A member that is too long for a record would be left out of it, and a rule would not see it:
 * here it is cut, and `http.cut` names it.
 */
export function fitted(members: Members): Members {
  const long = Object.entries(members).filter(
    ([, value]) => typeof value === 'string' && value.length > FIELD_CHARS_MAX,
  );
  if (long.length === 0) return members;
  const cut = long.map(([name, value]) => [name, String(value).slice(0, FIELD_CHARS_MAX)]);
  return { ...members, ...Object.fromEntries(cut), 'http.cut': long.map(([name]) => name) };
}

export function credentialMembers({ credentials, omitted }: FoundCredentials): Members {
  const [leading] = credentials;
  if (leading === undefined) return {};
  const members: Members = {
    'http.auth_scheme': leading.scheme,
    'http.auth_fp': leading.fp,
    'http.auth_provisioned': leading.provisioned,
  };
  if (credentials.length > 1)
    members['http.credentials'] = credentials.map((item) => ({ ...item }));
  if (omitted > 0) members['http.credentials_omitted'] = omitted;
  return members;
}

function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  return { path, query: mark < 0 ? '' : target.slice(mark + 1) };
}
