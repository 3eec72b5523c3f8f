/**
 * What the list asks of an event over and over, worked out once: rows are laid out anew with each
 * page and each batch of the tail.
 */
import type { EventItem } from '@vitrine/schema/api';
import {
  isObject,
  type Json,
  type JsonObject,
  RESERVED_FIELDS,
  readPath,
} from '@vitrine/schema/record';
import { msOf } from '../../../lib/time.ts';
import { lossWords } from './loss.ts';
import { type Routine, routineOf } from './routine.ts';

export interface Facts {
  /** Milliseconds by the maker's clock … */
  ms: number;
  /** … and by the host's; a supervisor's record was never received, its own time is the host's. */
  hostMs: number;
  chain: string;
  routine: Routine | undefined;
  /** It tells of something that was lost. */
  isLoss: boolean;
  /** What was lost, in words; else what happened, without the kind, which has its own column. */
  subject: string;
  /** The end of `subject` that is kept in sight where it does not fit: the name of a file. */
  ending: string;
  /** Who did it: the agent, else the process. */
  by: string;
}

const known = new WeakMap<EventItem, Facts>();

export function factsOf(item: EventItem): Facts {
  const before = known.get(item);
  if (before !== undefined) return before;
  const { t, observed, shim, kind, record } = item;
  const ms = msOf(t);
  const loss = lossWords(kind, record);
  const [subject, ending] = cutPath(oneLine(loss ?? subjectOf(item)));
  const facts: Facts = {
    ms,
    hostMs: observed === '0' ? ms : msOf(observed),
    chain: shim,
    routine: routineOf(item),
    isLoss: loss !== undefined,
    subject,
    ending,
    by: item.agent === '' ? processOf(item) : item.agent,
  };
  known.set(item, facts);
  return facts;
}

/** A line break in a name must not look like a blank. */
function oneLine(text: string): string {
  return text.replaceAll('\n', '\u240a').replaceAll('\t', '\u2409');
}

const ENDING_CHARS_MAX = 40;
/** Shorter ones fit beside an opened event. */
const CUT_CHARS_MIN = 40;

function cutPath(subject: string): [subject: string, ending: string] {
  const at = /^\/\S*$/.test(subject) ? subject.lastIndexOf('/') : 0;
  const fits = at > 0 && subject.length >= CUT_CHARS_MIN && subject.length - at <= ENDING_CHARS_MAX;
  return fits ? [subject.slice(0, at), subject.slice(at)] : [subject, ''];
}

/** The title says as much as one column can; the list has a column for the kind, and more room. */
function subjectOf({ kind, title, record }: EventItem): string {
  const rest = title.startsWith(`${kind} `) ? title.slice(kind.length + 1) : title;
  if (kind === 'process.exit') {
    const exe = readPath(record, 'process.exe');
    return typeof exe === 'string' ? `${exe} ended with ${rest}` : `ended with ${rest}`;
  }
  const call = kind === 'syscall' ? readPath(record, 'syscall.name') : undefined;
  if (typeof call === 'string') return `${call}(${String(readPath(record, 'syscall.args') ?? '')})`;
  if (rest === kind) return memberWords(record);
  const port = kind.startsWith('net.') ? readPath(record, 'net.dst_port') : undefined;
  return typeof port === 'number' ? `${rest}:${port}` : rest;
}

const WORDS_CHARS_MAX = 120;
/** In columns of their own, or of no use to a reader. */
const SHOWN_ELSEWHERE = [...RESERVED_FIELDS, 'agent', 'process', 'source'];

/** A title that only repeats the kind says nothing: the record's own members say a little more. */
function memberWords(record: JsonObject): string {
  const words: string[] = [];
  for (const [name, value] of Object.entries(record)) {
    if (!SHOWN_ELSEWHERE.includes(name)) words.push(...wordsOf(name, value));
  }
  const text = words.join(' · ');
  return text.length > WORDS_CHARS_MAX ? `${text.slice(0, WORDS_CHARS_MAX - 1)}…` : text;
}

function wordsOf(name: string, value: Json): string[] {
  if (!isObject(value)) return Array.isArray(value) ? [] : [`${name} ${String(value)}`];
  return Object.entries(value)
    .filter(([, one]) => !Array.isArray(one) && !isObject(one))
    .map(([member, one]) => `${name}.${member} ${String(one)}`);
}

function processOf({ record }: EventItem): string {
  const pid = readPath(record, 'process.pid');
  const exe = readPath(record, 'process.exe');
  const name = typeof exe === 'string' ? exe.slice(exe.lastIndexOf('/') + 1) : '';
  return [name, typeof pid === 'number' ? String(pid) : ''].filter((word) => word !== '').join(' ');
}
