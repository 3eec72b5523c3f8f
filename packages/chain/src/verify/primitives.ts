/** The cryptography that the verifier is given: all it may rely on beside the language. */
export interface Primitives {
  /** Synchronous; must not keep its argument. */
  sha256: (bytes: Uint8Array) => Uint8Array;
  /** Base64 of the leaf hash (RFC 6962 §2.1) of a text in UTF-8, faster than by `sha256`. */
  leafHash?: (text: string) => string;
  /** RFC 8032 Ed25519; `false` for anything that does not verify, whatever its length. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** What is used of WebCrypto's `SubtleCrypto`, a type that not every library of types has. */
export interface Ed25519Subtle {
  importKey(
    format: 'raw',
    key: Uint8Array<ArrayBuffer>,
    algorithm: string,
    extractable: boolean,
    usages: 'verify'[],
  ): Promise<unknown>;
  verify(
    algorithm: string,
    key: unknown,
    signature: Uint8Array<ArrayBuffer>,
    message: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}
