export {
  type BundleChainInput,
  type BundleInput,
  makeBundle,
  type ProvenIndex,
} from './bundle/make.ts';
export { ChainError, type ChainErrorCode } from './error.ts';
export {
  framedLeafText,
  leafHash,
  nodeHash,
  partCommitment,
  sha256,
  ZERO_HASH,
} from './hash/node.ts';
export { type Checkpoint, type CheckpointNote, formatCheckpoint } from './note/checkpoint.ts';
export { generateLogKey, type LogKey } from './note/key.ts';
export { parseCheckpointNote, signNote, tlogProof } from './note/sign.ts';
export { type AdmittedRecord, admitRecord, parseCanonical } from './record/admit.ts';
export { eventBody } from './record/event-body.ts';
export {
  canonicalBytes,
  type EventBody,
  type LinkedRecord,
  linkRecord,
  type MadePart,
  type MadeRecord,
  makeRecord,
  type RecordPlace,
} from './record/make.ts';
export { type MemberPath, MemberReader, memberPath } from './record/member.ts';
export { type SessionName, sessionName } from './record/session-name.ts';
export { makeSeal } from './seal/make.ts';
export { CompactRange } from './tree/compact-range.ts';
export { type Head, type HeadsTree, headsTree } from './tree/heads.ts';
export { HeadsLedger } from './tree/heads-ledger.ts';
export {
  consistencyPath,
  inclusionPath,
  type NodeReader,
  verifyConsistency,
  verifyInclusion,
} from './tree/inclusion.ts';
export { type BuiltTree, buildTree, TILE_WIDTH } from './tree/tile.ts';
export { type FullTile, TiledTree, type TileLevel } from './tree/tiled.ts';
export { parseCanonicalText } from './verify/json.ts';
export { isTrustedNote, parseTrust, verifyBundle } from './verify/node.ts';
export { formFault } from './verify/record.ts';
export type {
  ChainRecord,
  Claim,
  ExitCode,
  Failure,
  Loss,
  Primitives,
  Redaction,
  SealBody,
  SealedTree,
  Trust,
  Verdict,
  VerdictChain,
  VerifyOptions,
} from './verify/types.ts';
export { verifyWith } from './verify/verify.ts';
