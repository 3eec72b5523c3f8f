/**
 * What the sentry's remote sink sends: a header of its own before a protobuf message (gVisor,
 * pkg/sentry/seccheck/sinks/remote/wire and seccheck/points). The sentry runs hostile programs and
 * is not trusted itself: every length is checked, and what cannot be read is `undefined`.
 */
import { WireReader } from '@vitrine/schema/wire';

/** Numbers of `MessageType`. */
export const MESSAGE = {
  containerStart: 1,
  clone: 2,
  exitNotify: 4,
  taskExit: 5,
  rawSyscall: 6,
  open: 7,
  close: 8,
  connect: 10,
  execve: 11,
  chdir: 13,
  chroot: 21,
  bind: 24,
  ptrace: 38,
} as const;

/** Known types that say nothing of ours; one above is from a build newer than this list. */
export const MESSAGE_TYPE_MAX = 38;

const HEADER_BYTES = 8;

export interface Packet {
  type: number;
  /** Messages the sentry has given up on this connection so far. */
  dropped: number;
  fields: Fields;
}

/** `u16 header size, u16 type, u32 dropped`, little endian, and the message behind the header. */
export function readPacket(packet: Buffer): Packet | undefined {
  if (packet.length < HEADER_BYTES) return undefined;
  const headerBytes = packet.readUInt16LE(0);
  if (headerBytes < HEADER_BYTES || headerBytes > packet.length) return undefined;
  const fields = Fields.of(packet.subarray(headerBytes));
  if (fields === undefined) return undefined;
  return { type: packet.readUInt16LE(2), dropped: packet.readUInt32LE(4), fields };
}

type Value = number | bigint | Buffer;

/** The fields of one message by number, each with all its values. */
export class Fields {
  readonly #values = new Map<number, Value[]>();

  static of(bytes: Uint8Array): Fields | undefined {
    const fields = new Fields();
    const reader = new WireReader(bytes);
    try {
      while (reader.pos < reader.end) fields.#take(reader);
      return fields;
    } catch {
      return undefined;
    }
  }

  /** The last value, as protobuf has it. */
  int(number: number): number | bigint | undefined {
    const value = this.#values.get(number)?.at(-1);
    return Buffer.isBuffer(value) ? undefined : value;
  }

  /** Zero when it is left out, as protobuf leaves out zeros. */
  small(number: number): number {
    return Number(this.int(number) ?? 0);
  }

  bytes(number: number): Buffer | undefined {
    const value = this.#values.get(number)?.at(-1);
    return Buffer.isBuffer(value) ? value : undefined;
  }

  text(number: number): string {
    return this.bytes(number)?.toString('utf8') ?? '';
  }

  texts(number: number): string[] {
    const values = this.#values.get(number) ?? [];
    return values.flatMap((value) => (Buffer.isBuffer(value) ? value.toString('utf8') : []));
  }

  message(number: number): Fields | undefined {
    const bytes = this.bytes(number);
    return bytes === undefined ? undefined : Fields.of(bytes);
  }

  #take(reader: WireReader): void {
    const tag = reader.tag();
    const wire = tag & 7;
    if (wire !== VARINT && wire !== BYTES) {
      reader.skip(tag);
      return;
    }
    const value = wire === VARINT ? reader.int64() : reader.blob();
    const number = tag >>> 3;
    const known = this.#values.get(number);
    if (known === undefined) this.#values.set(number, [value]);
    else known.push(value);
  }
}

const VARINT = 0;
const BYTES = 2;
