/**
 * Writes the members of an event of ours from the wire straight into the canonical bytes of its
 * record: no string and no object for any value but those that have columns. Does so for what is
 * usual (texts in ASCII, integers, booleans, names that were seen before); says so where something
 * is not, and the record is then taken apart like any other.
 */
import { eventColumns } from '../../columns.ts';
import { type MembersText, RESERVED_FIELDS } from '../../event.ts';
import type { JsonObject } from '../../json.ts';
import {
  EVENT_FIELDS_BYTES_MAX,
  FIELD_CHARS_MAX,
  OTLP_ATTRIBUTES_MAX,
  OTLP_NAME_CHARS_MAX,
} from '../../limits.ts';
import { internText } from '../intern.ts';
import type { DirectEvent, OtlpLogRecord, OtlpMessage } from '../model.ts';
import { type Claim, claimOf, shimOf } from '../origin.ts';
import type { RecordPlaces } from '../original.ts';
import type { WireReader } from '../wire.ts';
import {
  behindLength,
  isAscii,
  putDigits,
  putEscaped,
  TEXT_BYTES_PER_BYTE_MAX,
  wireInteger,
} from './bytes.ts';
import type { Piece, Template } from './template.ts';
import { type NameNode, NameTrie } from './trie.ts';

const CHUNK_BYTES = 262_144;
/** Larger parts are left to the way that cuts them. */
const PART_BYTES_DIRECT_MAX = 65_536;
const TAG_KEY = 0x0a;
const TAG_VALUE = 0x12;
const TAG_STRING = 0x0a;
const TAG_BOOL = 0x10;
const TAG_INTEGER = 0x18;
/** One for each group of a template. */
const ENDS = RESERVED_FIELDS.length + 1;
/** Whose ends stand in one list: a list of its own would be much to keep for a record. */
const ENDS_RECORDS = 512;
const NO_FIELDS: JsonObject = Object.freeze({});
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

export class DirectWriter {
  readonly #names: NameTrie;
  readonly #relayed: boolean;
  /** Of the resource that is being read; empty where it is no shim of ours. */
  #shim = '';
  #chunk = Buffer.alloc(0);
  #pos = 0;
  #endsOf = new Uint32Array(0);
  #endAt = 0;
  /** Of the record being read, by attribute: the tag of its value, and where that stands. */
  readonly #tags = new Uint8Array(OTLP_ATTRIBUTES_MAX);
  readonly #starts = new Uint32Array(OTLP_ATTRIBUTES_MAX);
  readonly #ends = new Uint32Array(OTLP_ATTRIBUTES_MAX);
  readonly #integers = new Float64Array(OTLP_ATTRIBUTES_MAX);

  /** `relayed`: as `templateOf` has it. */
  constructor({ relayed }: { relayed: boolean }) {
    this.#names = new NameTrie(relayed);
    this.#relayed = relayed;
  }

  /** The records that follow are of this resource. */
  begin(resource: OtlpMessage): void {
    const isUnusual = this.#relayed && claimOf(resource) !== undefined;
    this.#shim = isUnusual ? '' : (shimOf(resource) ?? '');
  }

  /** `undefined` for a record that has to be taken apart. */
  write(reader: WireReader, record: OtlpLogRecord, places: RecordPlaces): DirectEvent | undefined {
    const { count, body, traceId, spanId } = places;
    if (this.#shim === '' || count > OTLP_ATTRIBUTES_MAX) return undefined;
    if (body >= 0 || traceId >= 0 || spanId >= 0 || !isPlain(record)) return undefined;
    const node = this.#find(reader, record.eventName, places);
    if (node === undefined) return undefined;
    const keys = (): string[] => this.#keysAt(reader, places);
    const template = this.#names.template(node, this.#shim, record.eventName, keys);
    if (template === null) return undefined;
    const bound = this.#bound(template, count);
    if (bound < 0 || bound > EVENT_FIELDS_BYTES_MAX) return undefined;
    const text = this.#members(reader.bytes, template, bound);
    if (text === undefined) return undefined;
    for (let i = 0; i < 2 * count; i++) reader.countValue();
    const fields = this.#fields(reader.bytes, template);
    return {
      text,
      // Columns at once: all that they are derived from would be more to keep.
      fields: this.#relayed ? fields : NO_FIELDS,
      columns: this.#relayed ? undefined : eventColumns(fields, record.eventName),
      parts: this.#parts(reader.bytes, template),
      claim: this.#relayed ? undefined : this.#claim(reader.bytes, template),
      sequence: template.sequence < 0 ? undefined : this.#integers[template.sequence]!,
    };
  }

  /** Reads names and places of values; `undefined` for an attribute that is not plain. */
  #find(reader: WireReader, kind: string, places: RecordPlaces): NameNode | undefined {
    const { attributes, count } = places;
    const { bytes } = reader;
    let node = this.#names.root(this.#shim, kind);
    for (let i = 0; i < count; i++) {
      reader.pos = attributes[i]!;
      const length = reader.length();
      const start = reader.pos + 2;
      const end = reader.pos + length;
      const keyLength = bytes[reader.pos + 1]!;
      const behind = start + keyLength;
      if (length < 4 || bytes[reader.pos] !== TAG_KEY || keyLength >= 0x80) return undefined;
      if (behind >= end || bytes[behind] !== TAG_VALUE) return undefined;
      const value = behindLength(bytes, behind + 1, end);
      if (value < 0 || !this.#locate(bytes, i, value, end)) return undefined;
      node = this.#names.next(node, bytes, start, keyLength);
    }
    return node;
  }

  /** False for an AnyValue that is no text, no small integer and no boolean. */
  #locate(bytes: Buffer, i: number, at: number, end: number): boolean {
    const tag = bytes[at]!;
    if (end - at < 2) return false;
    this.#tags[i] = tag;
    this.#ends[i] = end;
    if (tag === TAG_STRING) {
      const start = behindLength(bytes, at + 1, end);
      this.#starts[i] = start;
      return start >= 0;
    }
    if (tag === TAG_BOOL) {
      this.#integers[i] = bytes[at + 1]!;
      return end - at === 2 && bytes[at + 1]! <= 1;
    }
    const integer = tag === TAG_INTEGER ? wireInteger(bytes, at + 1, end) : -1;
    this.#integers[i] = integer;
    return integer >= 0;
  }

  /** At least the bytes of all members; -1 where a value is not what its role asks for. */
  #bound(template: Template, count: number): number {
    const { isPart, session, sequence, shimSequence } = template;
    let bound = template.frameBytes;
    for (let i = 0; i < count; i++) {
      const isText = this.#tags[i] === TAG_STRING;
      const length = isText ? this.#ends[i]! - this.#starts[i]! : 0;
      if (isPart[i] === 1) {
        if (!isText || length > PART_BYTES_DIRECT_MAX) return -1;
        continue;
      }
      if (length > FIELD_CHARS_MAX || (i === session && length === 0)) return -1;
      if (i === session && this.#relayed) {
        if (length > OTLP_NAME_CHARS_MAX) return -1;
        bound += TEXT_BYTES_PER_BYTE_MAX * length;
      }
      bound += TEXT_BYTES_PER_BYTE_MAX * length;
    }
    const isNumber = (slot: number): boolean => slot < 0 || this.#tags[slot] === TAG_INTEGER;
    return isNumber(sequence) && isNumber(shimSequence) ? bound : -1;
  }

  #members(bytes: Buffer, { groups }: Template, bound: number): MembersText | undefined {
    this.#room(bound);
    const start = this.#pos;
    if (this.#endAt + ENDS > this.#endsOf.length) {
      this.#endsOf = new Uint32Array(ENDS * ENDS_RECORDS);
      this.#endAt = 0;
    }
    const [ends, endAt] = [this.#endsOf, this.#endAt];
    let at = start;
    for (let i = 0; i < groups.length; i++) {
      for (const piece of groups[i]!) {
        at = this.#piece(bytes, piece, at);
        if (at < 0) return undefined;
      }
      ends[endAt + i] = at;
    }
    // What does not fit is cut without a word: such a text must never become a record.
    if (at - start > bound) return undefined;
    this.#pos = at;
    this.#endAt += ENDS;
    return { chunk: this.#chunk, start, ends, at: endAt };
  }

  /** Its end, or -1 for a text that is not ASCII. */
  #piece(bytes: Buffer, { text, slot }: Piece, start: number): number {
    const to = this.#chunk;
    for (let i = 0; i < text.length; i++) to[start + i] = text[i]!;
    const at = start + text.length;
    if (slot < 0) return at;
    const tag = this.#tags[slot];
    if (tag === TAG_STRING)
      return putEscaped(bytes, this.#starts[slot]!, this.#ends[slot]!, to, at);
    const integer = this.#integers[slot]!;
    if (tag === TAG_INTEGER) return putDigits(integer, to, at);
    const word = integer === 1 ? TRUE : FALSE;
    to.set(word, at);
    return at + word.length;
  }

  #fields(bytes: Buffer, { columns, shimSequence }: Template): JsonObject {
    const source: JsonObject = { shim: this.#shim };
    const fields: JsonObject = { source };
    // A relay follows the numbers of its shims.
    if (this.#relayed && shimSequence >= 0) source.seq = this.#integers[shimSequence]!;
    for (const { steps, slot } of columns) {
      let at = fields;
      for (let i = 0; i + 1 < steps.length; i++) {
        const step = steps[i]!;
        if (!Object.hasOwn(at, step)) at[step] = {};
        at = at[step] as JsonObject;
      }
      at[steps.at(-1)!] = this.#value(bytes, slot);
    }
    return fields;
  }

  #value(bytes: Buffer, slot: number): string | number | boolean {
    const tag = this.#tags[slot];
    if (tag === TAG_STRING) return internText(bytes, this.#starts[slot]!, this.#ends[slot]!);
    const integer = this.#integers[slot]!;
    return tag === TAG_INTEGER ? integer : integer === 1;
  }

  /**
   * A relay has written them down before it lets go of the request; for anybody else a view would
   * keep a whole request for its part. Invalid UTF-8 becomes U+FFFD.
   */
  #parts(bytes: Buffer, { parts }: Template): Record<string, Uint8Array> {
    const made: Record<string, Uint8Array> = {};
    for (const { name, slot } of parts) {
      const [start, end] = [this.#starts[slot]!, this.#ends[slot]!];
      const view = bytes.subarray(start, end);
      if (!isAscii(bytes, start, end)) made[name] = Buffer.from(view.toString('utf8'));
      else made[name] = this.#relayed ? view : Buffer.from(view);
    }
    return made;
  }

  #claim(bytes: Buffer, { session, sessionRank: rank }: Template): Claim | undefined {
    return session < 0 ? undefined : { rank, session: String(this.#value(bytes, session)) };
  }

  #keysAt({ bytes }: WireReader, { attributes, count }: RecordPlaces): string[] {
    return attributes.slice(0, count).map((place) => {
      // Behind the attribute's own length; both names and tags have been looked at.
      let pos = place;
      while (bytes[pos]! >= 0x80) pos++;
      const start = pos + 3;
      return bytes.toString('utf8', start, start + bytes[pos + 2]!);
    });
  }

  #room(bytes: number): void {
    if (this.#pos + bytes <= this.#chunk.length) return;
    this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes));
    this.#pos = 0;
  }
}

function isPlain(record: OtlpLogRecord): boolean {
  const { severityNumber, severityText, droppedAttributesCount, flags } = record;
  return severityNumber === 0 && severityText === '' && droppedAttributesCount === 0 && flags === 0;
}
