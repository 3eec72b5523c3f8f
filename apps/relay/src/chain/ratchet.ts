/**
 * The forward-secure MAC of a chain (pull.md): each record is authenticated with a key that is
 * gone afterwards, so that whoever takes over the machine later cannot rewrite what is still in the
 * spool. HMAC is written out over one-shot hashes: `createHmac` costs ten times as much, and its
 * key object lives until it is collected.
 */
import { hash } from 'node:crypto';
import { RECORD_BYTES_MAX } from '@vitrine/schema';
import { secretBytes } from '../mac-key.ts';

/** RFC 2104 with SHA-256. */
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
const STEP = Buffer.from('opp1', 'ascii');

/** HMAC-SHA-256 with a key of 32 bytes. */
class Hmac {
  /** The key's inner pad, and room for a message. */
  readonly #inner = Buffer.alloc(BLOCK_BYTES + RECORD_BYTES_MAX, INNER_PAD);
  /** The key's outer pad, and room for the inner hash. */
  readonly #outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES, OUTER_PAD);
  /** The inner pad with the message that makes the next key: it never changes its length. */
  readonly #step = Buffer.concat([Buffer.alloc(BLOCK_BYTES, INNER_PAD), STEP]);

  setKey(key: Uint8Array): void {
    for (let i = 0; i < HASH_BYTES; i++) {
      const byte = key[i]!;
      this.#step[i] = this.#inner[i] = byte ^ INNER_PAD;
      this.#outer[i] = byte ^ OUTER_PAD;
    }
  }

  copyKey(): Buffer {
    const key = secretBytes();
    for (let i = 0; i < HASH_BYTES; i++) key[i] = this.#inner[i]! ^ INNER_PAD;
    return key;
  }

  /** For results that anybody may read: a character for each byte. */
  mac(message: Uint8Array): string {
    return hash('sha256', this.#outerOf(this.#innerOf(message)), 'binary');
  }

  /**
   * For results that are keys: a buffer can be overwritten, a string cannot. What the hash gives
   * lies on V8's heap, so it is copied out and erased before anything else is allocated.
   */
  secret(message: Uint8Array): Buffer {
    const key = secretBytes();
    const onHeap = hash('sha256', this.#outerOf(this.#innerOf(message)), 'buffer');
    key.set(onHeap);
    onHeap.fill(0);
    return key;
  }

  /** The key becomes HMAC(key, "opp1"); what the hash gave is erased before anything is made. */
  advance(): void {
    const onHeap = hash('sha256', this.#outerOf(this.#step), 'buffer');
    this.setKey(onHeap);
    // A call into the engine costs more than a loop over so few bytes.
    for (let i = 0; i < HASH_BYTES; i++) onHeap[i] = 0;
  }

  #innerOf(message: Uint8Array): Buffer {
    this.#inner.set(message, BLOCK_BYTES);
    return this.#inner.subarray(0, BLOCK_BYTES + message.length);
  }

  #outerOf(inner: Buffer): Buffer {
    this.#outer.write(hash('sha256', inner, 'binary'), BLOCK_BYTES, 'latin1');
    return this.#outer;
  }
}

/** Owns the current key of one chain; nothing else in the process has it. */
export class Ratchet {
  readonly #hmac = new Hmac();
  /** Hex SHA-256 of the first key: what `telemetry.hello` commits to. */
  readonly commitment: string;

  /** `macKey` has 32 bytes and stays the caller's to erase. */
  constructor(macKey: Uint8Array, chain: string) {
    this.#hmac.setKey(macKey);
    const first = this.#hmac.secret(Buffer.from(chain, 'utf8'));
    this.commitment = hash('sha256', first, 'hex');
    this.#hmac.setKey(first);
    first.fill(0);
  }

  /**
   * The MAC of the chain's next record, a character for each byte; its key is erased before this
   * returns.
   */
  next(record: Uint8Array): string {
    const mac = this.#hmac.mac(record);
    this.#hmac.advance();
    return mac;
  }

  /** The current key, for a commit that may fail. Whoever holds it erases it after the commit. */
  mark(): Buffer {
    return this.#hmac.copyKey();
  }

  reset(mark: Buffer): void {
    this.#hmac.setKey(mark);
  }
}
