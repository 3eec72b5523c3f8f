/**
 * How the members of a record look whose attributes have given names, made once by the very steps
 * that every other record goes through: marks take the places of the values, and the canonical text
 * is cut at the marks. So a template says what those steps would say, or there is none.
 */
import { isColumnPath } from '../../columns.ts';
import { RESERVED_FIELDS, type SandboxEvent } from '../../event.ts';
import { isObject, type Json } from '../../json.ts';
import { keepNamedSession } from '../../named-session.ts';
import { EventDraft, type Names, readNames, SHIM_SEQUENCE } from '../draft.ts';
import type { KeyValue } from '../model.ts';
import { originOf } from '../origin.ts';

/** Text, then the value of an attribute; the last piece of a group has no value. */
export interface Piece {
  text: Uint8Array;
  /** Place of the attribute among those of its record; -1 for none. */
  slot: number;
}

export interface Template {
  /**
   * Members between two reserved ones (LOG.md §1), in the order of the record. Those before the
   * last reserved one have a comma behind them, the others one in front.
   */
  groups: Piece[][];
  parts: { name: string; slot: number }[];
  /** Attributes from which columns are derived, by the members they become. */
  columns: { steps: string[]; slot: number }[];
  /** By attribute, 1 where its value becomes a part. */
  isPart: Uint8Array;
  /** Attributes that name the session, the source's number and the shim's; -1 for none. */
  session: number;
  sessionRank: number;
  sequence: number;
  shimSequence: number;
  /** At least the bytes that the members take beside their values. */
  frameBytes: number;
}

const MARK = /"@@(\d+)@@"|9007199254740991/g;
/** Stands for the shim's number, which has to be one. */
const SEQUENCE_MARK = Number.MAX_SAFE_INTEGER;
const MARK_PARTS = ['@@', String(SEQUENCE_MARK)];
/** What `fields.ts` counts for any value but a text, and for each step of a name. */
const VALUE_BYTES = 24;
const STEP_BYTES = 8;
/** `"agent":{"session":""},`, which a relay adds. */
const SESSION_BYTES = 32;

/**
 * `undefined` where such a record needs its original kept, or is unusual. `relayed`: the session it
 * names is a member of it, and nobody asks for its columns.
 */
export function templateOf(
  kind: string,
  shim: string,
  keys: string[],
  relayed: boolean,
): Template | undefined {
  const unusual = keys.some((key) => MARK_PARTS.some((part) => key.includes(part)));
  if (unusual || MARK_PARTS.some((part) => shim.includes(part))) return undefined;
  if (new Set(keys).size !== keys.length) return undefined;
  const shimSequence = keys.indexOf(SHIM_SEQUENCE);
  const attributes = keys.map((key, slot): KeyValue => {
    return { key, value: slot === shimSequence ? SEQUENCE_MARK : `@@${slot}@@` };
  });
  const said = readNames(attributes);
  const event = draftOf(kind, shim, attributes, said);
  if (event === undefined || (relayed && !isNamed(event, keys))) return undefined;
  const parts = Object.entries(event.parts).map(([name, data]) => {
    return { name, slot: Number(Buffer.from(data).toString().replaceAll('@@', '')) };
  });
  const isPart = new Uint8Array(keys.length);
  for (const { slot } of parts) isPart[slot] = 1;
  return {
    groups: groupsOf(event, shimSequence),
    parts,
    columns: relayed ? [] : columnsOf(keys, isPart),
    isPart,
    session: attributes.findIndex(({ value }) => value === said.claim?.session),
    sessionRank: said.claim?.rank ?? 0,
    sequence: keys.indexOf('event.sequence'),
    shimSequence,
    frameBytes: keys.reduce((sum, key) => sum + frameOf(key), bytesOfShim(shim) + SESSION_BYTES),
  };
}

/** Of the whole member: a name from outside may take six bytes for a character. */
function bytesOfShim(shim: string): number {
  return frameOf('source.shim') + Buffer.byteLength(JSON.stringify(shim));
}

function columnsOf(keys: string[], isPart: Uint8Array): Template['columns'] {
  return keys.flatMap((key, slot) => {
    return isPart[slot] === 0 && isColumnPath(key) ? [{ steps: key.split('.'), slot }] : [];
  });
}

/**
 * False where it depends on the values under which name the session is kept, or whether there is a
 * number of the shim.
 */
function isNamed({ fields, session }: SandboxEvent, keys: string[]): boolean {
  if (keys.includes('source.seq')) return false;
  if (session === undefined) return true;
  const { agent = {} } = fields;
  if (!isObject(agent) || Object.hasOwn(agent, 'session')) return false;
  keepNamedSession(fields, session);
  return true;
}

function frameOf(key: string): number {
  return VALUE_BYTES + 2 * key.length + STEP_BYTES * key.split('.').length;
}

function draftOf(
  kind: string,
  shim: string,
  attributes: KeyValue[],
  said: Names,
): SandboxEvent | undefined {
  const named = { key: 'vitrine.shim.name', value: { stringValue: shim } };
  const group = { resource: { attributes: [named] }, scope: {}, items: [] };
  const origin = originOf({ ...group, resourceSchemaUrl: '', scopeSchemaUrl: '' });
  const draft = new EventDraft(origin, said);
  draft.takeAttributes(attributes);
  return draft.whole ? draft.finish(kind, '0') : undefined;
}

function groupsOf({ fields }: SandboxEvent, shimSequence: number): Piece[][] {
  const texts = [...RESERVED_FIELDS.map(() => ''), ''];
  for (const key of Object.keys(fields).sort()) {
    const before = RESERVED_FIELDS.filter((name) => name < key).length;
    const member = `${JSON.stringify(key)}:${sortedText(fields[key]!)}`;
    texts[before] += before < RESERVED_FIELDS.length ? `${member},` : `,${member}`;
  }
  return texts.map((text) => piecesOf(text, shimSequence));
}

function piecesOf(text: string, shimSequence: number): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const mark of text.matchAll(MARK)) {
    const slot = mark[1] === undefined ? shimSequence : Number(mark[1]);
    pieces.push({ text: Buffer.from(text.slice(from, mark.index)), slot });
    from = mark.index + mark[0].length;
  }
  if (from < text.length) pieces.push({ text: Buffer.from(text.slice(from)), slot: -1 });
  return pieces;
}

/** Keys in the order of their code units (RFC 8785 §3.2.3); they are ASCII here. */
function sortedText(value: Json): string {
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${sortedText(value[key]!)}`).join(',')}}`;
}
