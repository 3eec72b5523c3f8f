/**
 * What a browser verifies with: nothing here, nor behind it, needs Node. The rest of the package
 * makes evidence and is for servers.
 */
export { decodeBase64, encodeBase64 } from './base64.ts';
export type { AttachedLeaf, Bundle } from './bundle/format.ts';
export { eachAttached, readBundle } from './bundle/read.ts';
export { ChainError } from './error.ts';
export { commitPart, hashLeaf, sameBytes } from './hash/rfc6962.ts';
export { sha256 } from './hash/sha256.ts';
export type { CheckpointNote } from './note/checkpoint.ts';
export { readTrust, type Trust } from './note/trust.ts';
export { writeCanonical } from './record/canonical.ts';
export { parseCanonicalText } from './record/parse.ts';
export { inclusionRoot } from './tree/verify.ts';
export { lossOf } from './verify/loss.ts';
export { verifyWith } from './verify/steps.ts';
export type { Failure, Verdict, VerifyOptions } from './verify/verdict.ts';
export { verifyBundleAsync } from './verify/web.ts';
