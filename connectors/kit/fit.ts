/**
 * Brings an alert to the size that every destination takes, whatever the format: its record is
 * trimmed step by step, from what is missed least, until what is written of it fits.
 */
import { ALERT_BYTES_MAX, isObject, type Json, type JsonObject } from '@vitrine/schema';
import type { DeliverableAlert } from './contract.ts';
import { ConnectorError } from './error.ts';

const SHORT_CHARS = 120;
const SENTENCE_CHARS = 300;

/** Of no use without the rest of the record. */
const CHAIN_MEMBERS = ['kind', 'parts', 'prev', 'seq', 'session', 'shim', 't', 'v'];
const TEXT_MEMBERS = ['what', 'todo', 'title'];
const HOST_MEMBERS = ['name', 'id', 'ip', 'edr'];
/** What stays of a record when everything else had to go. */
const ESSENTIAL_MEMBERS = ['id', 'rule', 'severity', 'subject', 'title', 'vantage', 'evidence'];
/** Of those, the ones that somebody else chose the length of. */
const FREE_MEMBERS = ['subject', 'title', 'vantage'];

interface Step {
  /** As `trimmed` names it. */
  name: string;
  trim(record: JsonObject): JsonObject;
}

/** From what is missed least. */
const STEPS: Step[] = [
  { name: 'chain', trim: (record) => without(record, CHAIN_MEMBERS) },
  { name: 'event', trim: (record) => cutMembers(record, ['event'], SHORT_CHARS) },
  { name: 'texts', trim: (record) => cutMembers(record, TEXT_MEMBERS, SENTENCE_CHARS) },
  { name: 'evidence', trim: (record) => within(record, 'evidence', firstOnly) },
  { name: 'tags', trim: (record) => without(record, ['tags']) },
  { name: 'event', trim: (record) => without(record, ['event']) },
  { name: 'host', trim: (record) => within(record, 'host', briefHost) },
  { name: 'texts', trim: (record) => without(record, ['todo', 'what']) },
  {
    name: 'members',
    trim: (record) => cutMembers(only(record, ESSENTIAL_MEMBERS), FREE_MEMBERS, SHORT_CHARS),
  },
  // OCSF says it three times.
  { name: 'texts', trim: (record) => without(record, ['title']) },
];

/** `trimmed`: names of the steps that were needed so far, for the receiver to be told. */
type WriteAlert = (alert: DeliverableAlert, trimmed: string[]) => Buffer;

/** At most `bytesMax` bytes of what `write` makes. Throws ALERT_TOO_LARGE. */
export function fitAlert(
  alert: DeliverableAlert,
  write: WriteAlert,
  bytesMax: number = ALERT_BYTES_MAX,
): Buffer {
  let { record } = alert;
  let trimmed: string[] = [];
  let body = write(alert, trimmed);
  for (const step of STEPS) {
    if (body.length <= bytesMax) return body;
    record = step.trim(record);
    const shorter = write({ ...alert, record }, trimmed);
    // A step that took nothing the format shows is none that the receiver has to know.
    if (shorter.equals(body)) continue;
    if (!trimmed.includes(step.name)) trimmed = [...trimmed, step.name];
    body = write({ ...alert, record }, trimmed);
  }
  if (body.length <= bytesMax) return body;
  const message = `the alert has ${body.length} bytes with its proof, ${bytesMax} at most`;
  throw new ConnectorError('ALERT_TOO_LARGE', message, 'its proof or its link is unusually long');
}

function without(record: JsonObject, names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

function only(record: JsonObject, names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)));
}

function within(record: JsonObject, name: string, change: (value: Json) => Json): JsonObject {
  const value = record[name];
  return value === undefined ? record : { ...record, [name]: change(value) };
}

function cutMembers(record: JsonObject, names: string[], chars: number): JsonObject {
  const cut = (value: Json): Json => cutTexts(value, chars);
  return names.reduce((rest, name) => within(rest, name, cut), record);
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
