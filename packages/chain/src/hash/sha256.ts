/**
 * SHA-256 (FIPS 180-4) in plain JavaScript, for where no synchronous one is to be had: a browser.
 * Its state is shared by all calls, each of which runs to its end. Needs nothing of Node.
 */

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** FIPS 180-4 §5.1.1: behind the message stand a one bit, zeros, and its length in 8 bytes. */
const LENGTH_BYTES = 8;
const ROUNDS = 64;

/** FIPS 180-4 §4.2.2: first 32 bits of the fractions of the cube roots of the first 64 primes. */
const K = fractions(ROUNDS, 3);
/** FIPS 180-4 §5.3.3: the same of the square roots of the first 8 primes. */
const H0 = fractions(8, 2);

const state = new Int32Array(8);
const schedule = new Int32Array(ROUNDS);
const tail = new Uint8Array(2 * BLOCK_BYTES);

/** 32 bytes, owned by the caller. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  state.set(H0);
  const { length } = bytes;
  const whole = length - (length % BLOCK_BYTES);
  for (let at = 0; at < whole; at += BLOCK_BYTES) compress(bytes, at);
  const rest = length - whole;
  const blocks = rest + 1 + LENGTH_BYTES > BLOCK_BYTES ? 2 : 1;
  const end = blocks * BLOCK_BYTES;
  tail.fill(0);
  tail.set(bytes.subarray(whole));
  tail[rest] = 0x80;
  // In bits: 2^29 bytes would overflow one word.
  writeWord(tail, end - 8, Math.floor(length / 0x2000_0000));
  writeWord(tail, end - 4, length << 3);
  for (let at = 0; at < end; at += BLOCK_BYTES) compress(tail, at);
  const digest = new Uint8Array(DIGEST_BYTES);
  for (let i = 0; i < state.length; i++) writeWord(digest, 4 * i, state[i]!);
  return digest;
}

/** FIPS 180-4 §6.2.2; the names are those of the standard. */
function compress(bytes: Uint8Array, start: number): void {
  const w = schedule;
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
    const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + K[t]! + w[t]!) | 0;
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
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

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/**
 * The first 32 bits of the fractions of the `degree`th roots of the first primes. Computed, so that
 * no digit can be mistyped; with integers, for engines may round roots differently.
 */
function fractions(count: number, degree: 2 | 3): Int32Array {
  const words = new Int32Array(count);
  let prime = 1;
  for (let i = 0; i < count; i++) {
    do prime++;
    while (!isPrime(prime));
    words[i] = Number(BigInt.asIntN(32, rootOf(BigInt(prime) << BigInt(32 * degree), degree)));
  }
  return words;
}

/** The greatest integer whose power is not above `n`, which is below 2^(42 · degree). */
function rootOf(n: bigint, degree: number): bigint {
  let root = 0n;
  for (let bit = 1n << 41n; bit > 0n; bit >>= 1n) {
    if ((root | bit) ** BigInt(degree) <= n) root |= bit;
  }
  return root;
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}
