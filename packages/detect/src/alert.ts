/**
 * What an alert says. Its id is a hash of what it is about, so that the same finding is the same
 * alert however often it is made; everything taken from a record is cut and cleaned, for the record
 * may be the attacker's own words.
 */
import { createHash } from 'node:crypto';
import {
  ALERT_DRAFT_BYTES_MAX,
  isObject,
  type Json,
  type JsonObject,
  type Vantage,
} from '@vitrine/schema';
import type { Evidence } from './input.ts';
import type { Level } from './metadata.ts';
import type { Rule } from './rule.ts';
import { type EventView, fieldReader, vantageOf } from './view.ts';
import { evidenceOf, type Finding } from './watch.ts';

/** The members of an alert record beside the reserved ones. */
export type AlertDraft = {
  /** `alr_` and 32 hex digits. */
  id: string;
  rule: string;
  title: string;
  severity: Level;
  /** The session the alert is about. */
  subject: string;
  vantage: Vantage;
  what: string;
  todo: string;
  /** The record that fired, and those that it rests on, by index. */
  evidence: Evidence[];
  host: JsonObject;
  tags: string[];
  /** `kind` and the members that the rule's `fields` name. */
  event: JsonObject;
};

const FIELD_CHARS_SHOWN = 160;
const HOST_TEXT_CHARS = 200;
/** Control characters and those that turn the direction of text around. */
const UNPRINTABLE =
  /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

export function draftAlert(rule: Rule, { view, others }: Finding): AlertDraft {
  const { row, context } = view;
  const evidence = [evidenceOf(view), ...others].sort((a, b) => a.index - b.index);
  const alert: AlertDraft = {
    id: alertId(rule.id, row.session, evidence),
    rule: rule.id,
    title: rule.title,
    severity: rule.level,
    subject: row.session,
    vantage: vantageOf(row),
    what: fill(rule.what, view),
    todo: rule.todo,
    evidence,
    host: hostOf(context?.host),
    tags: tagsOf(rule),
    event: eventOf(rule, view),
  };
  return fitted(alert);
}

/** The rule's tags, and the technique and risk it names, in the spelling of tags. */
function tagsOf(rule: Rule): string[] {
  const older = rule.techniqueV18.map((id) => `attack-v18.${id.toLowerCase()}`);
  const risks = rule.risk.map((risk) => `ase.risk.${risk}`);
  return [...new Set([...rule.tags, ...older, ...risks])];
}

/** Hash over the canonical JSON of its three members (LOG.md §2: rule, subject and evidence). */
function alertId(rule: string, subject: string, evidence: Evidence[]): string {
  const canonical = JSON.stringify({ evidence, rule, subject });
  return `alr_${createHash('sha256').update(canonical).digest('hex').slice(0, 32)}`;
}

function fill(template: string, view: EventView): string {
  return template.replace(/\{([a-z0-9_.]+)\}/g, (_, name: string) => {
    const value = fieldReader(name)(view);
    return value === undefined || value === null ? 'unknown' : shown(value);
  });
}

function shown(value: Json): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return cut(text, FIELD_CHARS_SHOWN).replace(UNPRINTABLE, '\ufffd');
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1).toWellFormed()}…`;
}

function eventOf(rule: Rule, view: EventView): JsonObject {
  const event: JsonObject = { kind: view.row.kind };
  for (const name of rule.fields) {
    const value = fieldReader(name)(view);
    if (value === undefined || name === 'kind') continue;
    place(event, name.split('.'), typeof value === 'object' ? shown(value) : clean(value));
  }
  return event;
}

function clean(value: Exclude<Json, object>): Json {
  return typeof value === 'string' ? shown(value) : value;
}

function place(target: JsonObject, path: string[], value: Json): void {
  let at = target;
  for (const step of path.slice(0, -1)) {
    if (!Object.hasOwn(at, step)) at[step] = {};
    const next = at[step];
    if (!isObject(next)) return;
    at = next;
  }
  at[path[path.length - 1]!] = value;
}

/** `open` is the collector's word, but its texts come from a runtime: they are cut like others. */
function hostOf(host: JsonObject | undefined): JsonObject {
  if (host === undefined || typeof host.name !== 'string') return { name: 'unknown' };
  return limited(host, 3);
}

function limited(object: JsonObject, depth: number): JsonObject {
  const made: JsonObject = {};
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === 'string') made[key] = cut(value, HOST_TEXT_CHARS);
    else if (isObject(value) && depth > 1) made[key] = limited(value, depth - 1);
    else if (typeof value !== 'object') made[key] = value;
  }
  return made;
}

/**
 * An alert has to fit every destination together with its proof: the least needed goes first. Of
 * the evidence one piece is counted: where there is no room for more, a connector sends that alone.
 */
function fitted(alert: AlertDraft): AlertDraft {
  const steps: (() => void)[] = [
    ...Object.keys(alert.event)
      .filter((name) => name !== 'kind')
      .reverse()
      .map((name) => () => {
        delete alert.event[name];
      }),
    () => {
      alert.tags = alert.tags.slice(0, 8);
    },
    () => {
      alert.host = { name: alert.host.name ?? 'unknown' };
    },
    () => {
      alert.what = cut(alert.what, FIELD_CHARS_SHOWN);
    },
  ];
  for (const shorten of steps) {
    const sent = { ...alert, evidence: alert.evidence.slice(0, 1) };
    if (Buffer.byteLength(JSON.stringify(sent)) <= ALERT_DRAFT_BYTES_MAX) break;
    shorten();
  }
  return alert;
}
