/**
 * A message as one run of bytes, the form in which the kit keeps it and a dry run shows it: a line
 * of JSON with key and headers, then the value.
 */
import { isObject } from '@vitrine/schema';

export interface KafkaMessage {
  /** The session; `null` where there is none. */
  key: string | null;
  headers: Record<string, string>;
  value: Buffer;
}

const LINE_END = 0x0a;

export function framed({ key, headers, value }: KafkaMessage): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ key, headers })}\n`, 'utf8'), value]);
}

/** Of `framed` alone: anything else is a mistake of ours and throws. */
export function unframed(bytes: Uint8Array): KafkaMessage {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = whole.indexOf(LINE_END);
  const head: unknown = JSON.parse(whole.toString('utf8', 0, end));
  if (!isObject(head) || !isObject(head.headers)) throw new TypeError('no message');
  return {
    key: typeof head.key === 'string' ? head.key : null,
    headers: head.headers as Record<string, string>,
    value: whole.subarray(end + 1),
  };
}
