/**
 * The full proof of one row, in the browser: the verifier judges the bundle, and each link from the
 * leaf to the trusted key is shown with its values. Takes nothing for granted of what the server
 * sent: neither that the bundle is sound, nor that it is about this row.
 */
import {
  type AttachedLeaf,
  type Bundle,
  ChainError,
  decodeBase64,
  encodeBase64,
  type Failure,
  hashLeaf,
  inclusionRoot,
  readBundle,
  sha256,
  type Verdict,
  verifyBundleAsync,
} from '@vitrine/chain/verify';
import type { EventItem } from '@vitrine/schema/api';
import { proofSteps, unreadableSteps } from './steps.ts';
import { logKeysOf, type TrustPin } from './trust-pin.ts';

export type StepId = 'leaf' | 'path' | 'root' | 'signature' | 'key' | 'arrival';
export type StepState = 'holds' | 'fails' | 'not checked';

export interface ProofStep {
  id: StepId;
  state: StepState;
  /** What holds, or what is wrong and what that means. */
  sentence: string;
  /** The values behind it. */
  facts: { name: string; value: string }[];
}

export interface ProofReport {
  proven: boolean;
  /** The sentence of the first step that fails. */
  failure: string | undefined;
  steps: ProofStep[];
  /** Sentences of the verifier: what no reader should take from this. */
  notProven: string[];
  warnings: string[];
}

/** What the steps are shown from. */
export interface ProofCase {
  item: EventItem;
  bundle: Bundle;
  attached: AttachedLeaf[];
  /** The element of the bundle with the row's index. */
  leaf: AttachedLeaf | undefined;
  /** Base64; of `leaf`. */
  leafHash: string | undefined;
  /** Base64: where the path of `leaf` leads. */
  reached: string | undefined;
  verdict: Verdict;
  failures: Failure[];
  pin: TrustPin;
  trustedKeys: ReturnType<typeof logKeysOf>;
  /** What is wrong with the server's keys beside the pin. */
  keyChange: string | undefined;
}

type Subtle = Parameters<typeof verifyBundleAsync>[3];

export interface ProofInputs {
  pin: TrustPin;
  keyChange: string | undefined;
  subtle: Subtle;
  nowNs: bigint;
}

/** Rejects with ChainError CRYPTO_UNSUPPORTED where this browser cannot verify at all. */
export async function proveRow(
  item: EventItem,
  bytes: Uint8Array,
  { pin, keyChange, subtle, nowNs }: ProofInputs,
): Promise<ProofReport> {
  let bundle: Bundle;
  try {
    bundle = readBundle(bytes);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    return refused(`What the server sent is no proof that can be read: ${error.message}.`);
  }
  const options = { now: nowNs, all: true };
  const verdict = await verifyBundleAsync(bytes, pin.text, options, subtle);
  const { attached } = bundle;
  const leaf = attached.find(({ index }) => index === item.index);
  const hash = leaf && hashLeaf(sha256, new TextEncoder().encode(leaf.record));
  const steps = proofSteps({
    item,
    bundle,
    attached,
    leaf,
    leafHash: hash && encodeBase64(hash),
    reached: leaf && hash && reachedBy(leaf, hash, bundle.checkpoint.size),
    verdict,
    failures: verdict.failures ?? [],
    pin,
    trustedKeys: logKeysOf(pin.text),
    keyChange,
  });
  return reportOf(steps, verdict);
}

/** The report when there is nothing to verify: the server has no proof, or sent something else. */
export function refused(sentence: string): ProofReport {
  const steps = unreadableSteps(sentence);
  return { proven: false, failure: sentence, steps, notProven: [], warnings: [] };
}

function reportOf(steps: ProofStep[], verdict: Verdict): ProofReport {
  const failing = steps.find(({ state }) => state === 'fails');
  const proven = verdict.code === 0 && steps.every(({ state }) => state === 'holds');
  const { failure: found } = verdict;
  const rest = found === undefined ? 'A step was not checked.' : `${found.at}: ${found.found}.`;
  return {
    proven,
    failure: proven ? undefined : (failing?.sentence ?? rest),
    steps,
    notProven: verdict.not_proven,
    warnings: verdict.warnings,
  };
}

function reachedBy(leaf: AttachedLeaf, hash: Uint8Array, size: number): string | undefined {
  const path = leaf.proof.map((step) => decodeBase64(step)!);
  const root = inclusionRoot(sha256, hash, leaf.index, size, path);
  return root && encodeBase64(root);
}
