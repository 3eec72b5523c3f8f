/** How messages follow one another on a connection: RFC 6587 §3.4, and RFC 5425 §4.3 with TLS. */

export type Framing = 'octet-counting' | 'newline';

/** Of one message: its length in up to four digits, and a space. */
export const FRAME_BYTES_MAX = 5;

const LINE_FEED = Buffer.from('\n');

/** All of them, in order. */
export function framed(messages: readonly Uint8Array[], framing: Framing): Buffer {
  const parts = messages.flatMap((message) => {
    if (framing === 'newline') return [message, LINE_FEED];
    return [Buffer.from(`${message.length} `), message];
  });
  return Buffer.concat(parts);
}
