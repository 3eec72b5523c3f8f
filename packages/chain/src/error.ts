/** The one error class of this package. */
import { CodedError } from '@vitrine/schema/record';

export type ChainErrorCode =
  | 'RECORD_MALFORMED'
  | 'RECORD_NOT_CANONICAL'
  | 'RECORD_INVALID'
  | 'CHAIN_BROKEN'
  | 'SEAL_INVALID'
  | 'HEADS_INVALID'
  | 'TREE_INVALID'
  | 'PROOF_INVALID'
  | 'NOTE_INVALID'
  | 'KEY_INVALID'
  | 'TRUST_INVALID'
  | 'PIN_INVALID'
  | 'OPTIONS_INVALID'
  | 'CRYPTO_UNSUPPORTED'
  | 'BUNDLE_MALFORMED'
  | 'BUNDLE_TOO_LARGE';

/** What this package refuses. A verdict is not an error: `verifyBundle` returns it. */
export class ChainError extends CodedError<ChainErrorCode> {}
