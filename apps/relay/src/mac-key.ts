/**
 * The MAC key on its way from the configuration into the ratchet. Whoever takes the relay over may
 * read its memory, so the key never becomes a string, which cannot be erased, nor a small typed
 * array, which lies on the heap of V8 and leaves a copy behind whenever the collector moves it.
 */
const KEY_BYTES = 32;
const HEX_CHARS = 2 * KEY_BYTES;
/** Above V8's bound for typed arrays on its heap (`typed_array_max_size_in_heap`, 64 bytes). */
const OFF_HEAP_BYTES = 128;
const MEMBER = Buffer.from('"mac_key"');
const BLANK = 0x30;
const [SPACE, COLON, QUOTE] = [/\s/, 0x3a, 0x22];

/** 32 zero bytes whose place in memory stays the same until they are let go. */
export function secretBytes(): Buffer {
  return Buffer.allocUnsafeSlow(OFF_HEAP_BYTES).fill(0).subarray(0, KEY_BYTES);
}

/**
 * The key that the JSON text `bytes` gives to its member `mac_key`, 64 lower-case hex digits, which
 * are overwritten there with zeros. `undefined`, and nothing has changed, when there is none.
 */
export function takeMacKey(bytes: Buffer): Buffer | undefined {
  const name = bytes.indexOf(MEMBER);
  if (name < 0) return undefined;
  let at = pastSpace(bytes, name + MEMBER.length);
  if (bytes[at] !== COLON) return undefined;
  at = pastSpace(bytes, at + 1);
  const start = at + 1;
  if (bytes[at] !== QUOTE || bytes[start + HEX_CHARS] !== QUOTE) return undefined;
  const key = secretBytes();
  for (let i = 0; i < HEX_CHARS; i++) {
    const digit = digitOf(bytes[start + i]!);
    if (digit === undefined) {
      key.fill(0);
      return undefined;
    }
    key[i >> 1]! |= i % 2 === 0 ? digit << 4 : digit;
  }
  bytes.fill(BLANK, start, start + HEX_CHARS);
  return key;
}

function pastSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && SPACE.test(String.fromCharCode(bytes[at]!))) at++;
  return at;
}

function digitOf(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : undefined;
}
