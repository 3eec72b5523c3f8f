/** All the cryptography the verifier needs from outside: Node's or a browser's. */
import type { Sha256 } from '../hash/rfc6962.ts';

export interface Primitives {
  /** Synchronous; must not keep its argument. */
  sha256: Sha256;
  /** RFC 8032 Ed25519; `false` for anything that does not verify, whatever its length. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}
