/** A bundle as plain JSON, to be edited as an attacker does: nothing here checks anything. */
import { canonicalBytes } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';

export interface ProofJson {
  index: number;
  proof: string[];
}

export interface LeafJson extends ProofJson {
  record: string;
}

export interface ChainJson {
  chain: string;
  first: number;
  records: string[];
  parts: Record<string, Record<string, { salt: string; data: string }>> | null;
  tip: ProofJson;
  head?: ProofJson;
}

export interface BundleJson {
  format: string;
  claim: JsonObject;
  checkpoint: string;
  seal: { record: string; proof: string[] };
  chains: ChainJson[];
  attached: LeafJson[];
  neighbours?: (ProofJson & { leaf: string })[];
  consistency?: { from: string; proof: string[] };
}

export function readJson(bundle: Buffer): BundleJson {
  return JSON.parse(bundle.toString()) as BundleJson;
}

export function writeJson(bundle: BundleJson): Buffer {
  return canonicalBytes(bundle as unknown as JsonObject);
}

/** A record with members changed, canonical again. */
export function withMembers(record: string, change: JsonObject): string {
  const members = JSON.parse(record) as JsonObject;
  return canonicalBytes({ ...members, ...change }).toString();
}
