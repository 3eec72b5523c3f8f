/** Reads any message of `message.ts` from the wire into its OTLP/JSON mapping. */
import { OTLP_VALUE_DEPTH_MAX } from '../limits.ts';
import type { Field, Message, Scalar } from './message.ts';
import { assemble, doubleJson } from './message-json.ts';
import type { OtlpJson, OtlpMessage } from './model.ts';
import { BYTES, FIXED32, FIXED64, VARINT, type WireReader } from './wire.ts';

const WIRE: Record<Scalar, number> = {
  string: BYTES,
  bytes: BYTES,
  hex: BYTES,
  bool: VARINT,
  double: FIXED64,
  uint32: VARINT,
  int32: VARINT,
  sint32: VARINT,
  fixed32: FIXED32,
  int64: VARINT,
  uint64: VARINT,
  fixed64: FIXED64,
  sfixed64: FIXED64,
};

/** Reads up to the end of the message the reader is in. */
export function readMessage(reader: WireReader, shape: Message, depth: number): OtlpMessage {
  reader.countValue();
  const values: (OtlpJson | undefined)[] = new Array(shape.fields.length).fill(undefined);
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    const at = shape.at.get(tag >>> 3);
    const field = at === undefined ? undefined : shape.fields[at];
    if (
      at === undefined ||
      field === undefined ||
      !readField(reader, field, tag, values, at, depth)
    ) {
      reader.skip(tag);
    } else if (shape.nests) {
      // The members of an AnyValue are a oneof: the last one counts.
      for (let i = 0; i < values.length; i++) if (i !== at) values[i] = undefined;
    }
  }
  return assemble(shape, values);
}

/** False when the field came in a wire type that is not its own: then it is unknown. */
function readField(
  reader: WireReader,
  field: Field,
  tag: number,
  values: (OtlpJson | undefined)[],
  at: number,
  depth: number,
): boolean {
  const wire = tag & 7;
  const { type } = field;
  const own = typeof type === 'string' ? WIRE[type] : BYTES;
  if (wire === own) {
    const value =
      typeof type === 'string' ? readScalar(reader, type) : readInner(reader, type, depth);
    if (!field.repeated) values[at] = value;
    else listAt(values, at).push(value);
    return true;
  }
  if (!field.repeated || wire !== BYTES || typeof type !== 'string') return false;
  const outer = reader.enter();
  const list = listAt(values, at);
  while (reader.pos < reader.end) {
    reader.countValue();
    list.push(readScalar(reader, type));
  }
  reader.leave(outer);
  return true;
}

function readInner(reader: WireReader, shape: Message, depth: number): OtlpJson {
  const inside = shape.nests ? depth + 1 : depth;
  if (inside > OTLP_VALUE_DEPTH_MAX) return { protobuf: reader.blob().toString('base64') };
  const outer = reader.enter();
  const value = readMessage(reader, shape, inside);
  reader.leave(outer);
  return value;
}

function listAt(values: (OtlpJson | undefined)[], at: number): OtlpJson[] {
  const list = values[at];
  if (Array.isArray(list)) return list;
  const made: OtlpJson[] = [];
  values[at] = made;
  return made;
}

function readScalar(reader: WireReader, type: Scalar): OtlpJson {
  switch (type) {
    case 'string':
      return reader.text();
    case 'bytes':
      return reader.blob().toString('base64');
    case 'hex':
      return reader.hex();
    case 'bool':
      return reader.bool();
    case 'double':
      return doubleJson(reader.double());
    case 'uint32':
      return reader.uint32();
    case 'int32':
      return reader.int32();
    case 'sint32':
      return zigzag(reader.uint32());
    case 'fixed32':
      return reader.fixed32();
    case 'int64':
      return String(reader.int64());
    case 'uint64':
      return String(reader.uint64());
    case 'fixed64':
      return String(reader.fixed64());
    case 'sfixed64':
      return String(reader.sfixed64());
  }
}

function zigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
