/**
 * An alert as the body of a webhook, at most `ALERT_BYTES_MAX` bytes. An untrimmed body holds every
 * member of the record, so a receiver can rebuild its bytes and check the leaf; a long alert is
 * trimmed in a fixed order, and the body says at which steps.
 */
import { ALERT_BYTES_MAX, isObject, type Json, type JsonObject } from '@vitrine/schema';
import type { DeliverableAlert } from '../kit/contract.ts';
import { ConnectorError } from '../kit/error.ts';

const SHORT_CHARS = 120;
const SENTENCE_CHARS = 300;

/** Of no use without the rest of the record. */
const CHAIN_MEMBERS = ['kind', 'parts', 'prev', 'seq', 'session', 'shim', 't', 'v'];
/** What stays when everything else had to go; never trimmed but for all evidence but the first. */
const ESSENTIAL_MEMBERS = ['id', 'rule', 'log', 'index', 'leaf', 'proof', 'link', 'test'];
const HOST_MEMBERS = ['name', 'id', 'ip', 'edr'];

interface Step {
  /** As `trimmed` names it. */
  name: string;
  trim(data: JsonObject): JsonObject;
}

/** From what is missed least. */
const STEPS: Step[] = [
  { name: 'chain', trim: (data) => without(data, CHAIN_MEMBERS) },
  { name: 'event', trim: (data) => within(data, 'event', (event) => cutTexts(event, SHORT_CHARS)) },
  { name: 'texts', trim: (data) => cutMembers(data, ['what', 'todo', 'title'], SENTENCE_CHARS) },
  { name: 'evidence', trim: (data) => within(data, 'evidence', firstOnly) },
  { name: 'tags', trim: (data) => without(data, ['tags']) },
  { name: 'event', trim: (data) => without(data, ['event']) },
  { name: 'host', trim: (data) => within(data, 'host', briefHost) },
  { name: 'texts', trim: (data) => without(data, ['todo', 'what']) },
  { name: 'members', trim: (data) => only(data, [...ESSENTIAL_MEMBERS, 'evidence']) },
];

/** UTF-8 JSON `{type, timestamp, data}`. Throws ALERT_TOO_LARGE. */
export function encodeWebhook(alert: DeliverableAlert): Buffer {
  const { record, id, log, index, leaf, proof, link, test } = alert;
  const timestamp = new Date(Number(BigInt(alert.t) / 1_000_000n)).toISOString();
  const whole: JsonObject = { ...record, id, log, index, leaf, proof, link, ...(test && { test }) };
  const bodyOf = (data: JsonObject): Buffer => {
    return Buffer.from(JSON.stringify({ type: 'alert.created', timestamp, data }), 'utf8');
  };
  let data = whole;
  let body = bodyOf(data);
  const trimmed: string[] = [];
  for (const step of STEPS) {
    if (body.length <= ALERT_BYTES_MAX) return body;
    const shorter = step.trim(data);
    if (JSON.stringify(shorter) === JSON.stringify(data)) continue;
    data = shorter;
    if (!trimmed.includes(step.name)) trimmed.push(step.name);
    body = bodyOf({ ...data, trimmed });
  }
  if (body.length <= ALERT_BYTES_MAX) return body;
  const message = `the alert has ${body.length} bytes with its proof, ${ALERT_BYTES_MAX} at most`;
  throw new ConnectorError('ALERT_TOO_LARGE', message, 'its proof or its link is unusually long');
}

function without(data: JsonObject, names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !names.includes(name)));
}

function only(data: JsonObject, names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(data).filter(([name]) => names.includes(name)));
}

function within(data: JsonObject, name: string, change: (value: Json) => Json): JsonObject {
  const value = data[name];
  return value === undefined ? data : { ...data, [name]: change(value) };
}

function cutMembers(data: JsonObject, names: string[], chars: number): JsonObject {
  return names.reduce((rest, name) => within(rest, name, (value) => cutTexts(value, chars)), data);
}

/** Every text inside, however deep. */
function cutTexts(value: Json, chars: number): Json {
  if (typeof value === 'string') return cut(value, chars);
  if (Array.isArray(value)) return value.map((item) => cutTexts(item, chars));
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, item]) => [name, cutTexts(item, chars)]);
  return Object.fromEntries(members) as JsonObject;
}

function cut(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars - 1).toWellFormed()}…` : text;
}

function firstOnly(evidence: Json): Json {
  return Array.isArray(evidence) ? evidence.slice(0, 1) : evidence;
}

function briefHost(host: Json): Json {
  return cutTexts(isObject(host) ? only(host, HOST_MEMBERS) : host, SHORT_CHARS);
}
