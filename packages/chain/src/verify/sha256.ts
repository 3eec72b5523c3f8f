/** SHA-256 (FIPS 180-4) in plain JavaScript: a browser has none that answers at once. */

const BLOCK_BYTES = 64;
const ROUNDS = 64;
/** FIPS 180-4 §4.2.2: first 32 bits of the fractions of the cube roots of the first 64 primes. */
const K = fractions(ROUNDS, 3);
/** FIPS 180-4 §5.3.3: the same of the square roots of the first 8 primes. */
const H0 = fractions(8, 2);

const state = new Int32Array(8);
const w = new Int32Array(ROUNDS);
const tail = new Uint8Array(2 * BLOCK_BYTES);

/** 32 bytes, owned by the caller. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  state.set(H0);
  const { length } = bytes;
  const rest = length % BLOCK_BYTES;
  for (let at = 0; at < length - rest; at += BLOCK_BYTES) compress(bytes, at);
  // FIPS 180-4 §5.1.1: behind the message a one bit, zeros, and its length in bits as 8 bytes.
  const end = rest < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES;
  tail.fill(0);
  for (let i = 0; i < rest; i++) tail[i] = bytes[length - rest + i]!;
  tail[rest] = 0x80;
  for (let at = end, bits = 8 * length; bits > 0; bits = Math.floor(bits / 256)) tail[--at] = bits;
  for (let at = 0; at < end; at += BLOCK_BYTES) compress(tail, at);
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i++) digest[i] = state[i >> 2]! >>> (24 - 8 * (i & 3));
  return digest;
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
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < ROUNDS; t++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + K[t]! + w[t]!) | 0;
    const t2 = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
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
