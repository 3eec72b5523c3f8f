/**
 * Content is committed to by a record and kept beside it (LOG.md §3): redacted before the delivery
 * or not, a destination gets the commitment, and the proof holds without the content.
 */
import assert from 'node:assert/strict';
import { canonicalBytes, leafHash, verifyInclusion } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import type { DeliverableAlert } from '../contract.ts';
import { type Bench, until } from './bench.ts';
import { says } from './claims.ts';
import { sampleAlerts } from './sample-log.ts';

const CONTENT = 'what-the-prompt-said-before-it-was-redacted';

export async function goesWithoutContent(bench: Bench): Promise<void> {
  const parts = { input: Buffer.from(CONTENT) };
  const [alert] = sampleAlerts([{ subject: 'a', parts }]);
  bench.alerts.splice(0, bench.alerts.length, alert!);
  const delivery = await bench.start();
  await until('it is delivered', () => delivery.status().delivered === 1);
  const { body } = bench.requestsOf(alert!)[0]!;
  const forms = [CONTENT, Buffer.from(CONTENT).toString('base64'), encodeURIComponent(CONTENT)];
  for (const form of forms) assert.ok(!body.includes(form));
  assert.ok(says(body, alert!.leaf) && says(body, alert!.proof));
  const { record } = alert!;
  assert.ok(JSON.stringify(record.parts).includes('input'));
  assertInTree(record, alert!);
}

/** As a receiver does it: the record's own bytes make the leaf, and that is in the signed tree. */
export function assertInTree(
  record: JsonObject,
  { leaf, proof, index }: Pick<DeliverableAlert, 'leaf' | 'proof' | 'index'>,
): void {
  const rebuilt = leafHash(canonicalBytes(record));
  assert.equal(rebuilt.toString('base64'), leaf);
  const [head, checkpoint] = proof.split('\n\n') as [string, string];
  const [, size, root] = checkpoint.split('\n') as [string, string, string];
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  const path = head.split('\n').slice(2).map(bytes);
  assert.ok(verifyInclusion(rebuilt, index, Number(size), path, bytes(root)));
}
