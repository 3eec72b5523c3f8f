/** SHA-256 (FIPS 180-4) in plain JavaScript: a browser has none that answers at once. */

const BLOCK_BYTES = 64;
const ROUNDS = 64;
/** FIPS 180-4 §4.2.2: first 32 bits of the fractions of the cube roots of the first 64 primes. */
const K = fractions(ROUNDS, 3);
/** FIPS 180-4 §5.3.3: the same of the square roots of the first 8 primes. */
const H0 = fractions(8, 2);

const state = new Int32Array(8);
const w = new Int32Array(ROUNDS);
/** Every value that the variables `a` and `e` of the standard take; b, c, d are earlier ones. */
const a = new Int32Array(4 + ROUNDS);
const e = new Int32Array(4 + ROUNDS);
const tail = new DataView(new ArrayBuffer(2 * BLOCK_BYTES));

/** 32 bytes, owned by the caller. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  state.set(H0);
  const { length } = bytes;
  const rest = length % BLOCK_BYTES;
  for (let at = 0; at < length - rest; at += BLOCK_BYTES) compress(bytes, at);
  // FIPS 180-4 §5.1.1: behind the message a one bit, zeros, and its length in bits as 8 bytes.
  const end = rest < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES;
  const block = new Uint8Array(tail.buffer).fill(0);
  block.set(bytes.subarray(length - rest));
  block[rest] = 0x80;
  tail.setUint32(end - 8, Math.floor(length / 0x2000_0000));
  tail.setUint32(end - 4, length << 3);
  for (let at = 0; at < end; at += BLOCK_BYTES) compress(block, at);
  const digest = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 8; i++) digest.setInt32(4 * i, state[i]!);
  return new Uint8Array(digest.buffer);
}

/** FIPS 180-4 §6.2.2 */
function compress(bytes: Uint8Array, start: number): void {
  for (let t = 0, at = start; t < 16; t++, at += 4) {
    w[t] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let t = 16; t < ROUNDS; t++) {
    const x = w[t - 15]!;
    const y = w[t - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = (w[t - 16]! + s0 + w[t - 7]! + s1) | 0;
  }
  for (let i = 0; i < 4; i++) {
    a[i] = state[3 - i]!;
    e[i] = state[7 - i]!;
  }
  for (let t = 0; t < ROUNDS; t++) {
    const x = e[t + 3]!;
    const y = a[t + 3]!;
    const sum1 = ((x >>> 6) | (x << 26)) ^ ((x >>> 11) | (x << 21)) ^ ((x >>> 25) | (x << 7));
    const sum0 = ((y >>> 2) | (y << 30)) ^ ((y >>> 13) | (y << 19)) ^ ((y >>> 22) | (y << 10));
    const t1 = (e[t]! + sum1 + ((x & e[t + 2]!) ^ (~x & e[t + 1]!)) + K[t]! + w[t]!) | 0;
    const majority = (y & a[t + 2]!) ^ (y & a[t + 1]!) ^ (a[t + 2]! & a[t + 1]!);
    e[t + 4] = (a[t]! + t1) | 0;
    a[t + 4] = (t1 + sum0 + majority) | 0;
  }
  for (let i = 0; i < 4; i++) {
    state[i]! += a[ROUNDS + 3 - i]!;
    state[i + 4]! += e[ROUNDS + 3 - i]!;
  }
}

/** Computed, so that no digit is mistyped; with integers, for engines may round roots otherwise. */
function fractions(count: number, degree: 2 | 3): Int32Array {
  const words: number[] = [];
  for (let n = 2; words.length < count; n++) {
    let d = 2;
    while (d < n && n % d !== 0) d++;
    if (d < n) continue;
    // n is a prime; the greatest integer of which the power is not above n · 2^(32 · degree).
    const power = BigInt(n) << BigInt(32 * degree);
    let root = 0n;
    for (let bit = 1n << 41n; bit > 0n; bit >>= 1n) {
      if ((root | bit) ** BigInt(degree) <= power) root |= bit;
    }
    words.push(Number(BigInt.asIntN(32, root)));
  }
  return Int32Array.from(words);
}
