/**
 * What a browser verifies with: nothing here, nor behind it, needs Node. The rest of the package
 * makes evidence and is for servers.
 */
export { ChainError } from './error.ts';
export { commitPart, hashLeaf } from './hash/rfc6962.ts';
export { writeCanonical } from './record/canonical.ts';
export { readBundle } from './verify/bundle.ts';
export { decodeBase64, encodeBase64 } from './verify/bytes.ts';
export { lossOf } from './verify/chains.ts';
export { parseCanonicalText } from './verify/json.ts';
export { plainSha256 as sha256 } from './verify/sha256.ts';
export { inclusionRoot } from './verify/tree.ts';
export { readTrust } from './verify/trust.ts';
export type {
  AttachedLeaf,
  Bundle,
  CheckpointNote,
  Failure,
  Trust,
  Verdict,
  VerifyOptions,
} from './verify/types.ts';
export { verifyBundleAsync, verifyWith } from './verify/verify.ts';
