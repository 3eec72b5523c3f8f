/**
 * Raw output of emitters as rows of a log, handed over to detection as the collector does it:
 * packages/shim/src/raw says what such a stream looks like.
 */
import type { DetectInput } from '@vitrine/detect';
import { rawStream as rowsOf } from '@vitrine/shim/raw';
import { packRows, unpackRows } from '../../apps/collector/src/detect/rows.ts';

/** `whole`: the stream has, or needs, nothing of what is in front of every traced session. */
export function rawStream(text: string, whole = false): DetectInput[] {
  const loose = rowsOf(text, whole).map(({ index, leaf, record, ...row }) => {
    const text = JSON.stringify(record);
    return { ...row, idx: index, leaf: Buffer.from(leaf, 'base64'), record: text };
  });
  return unpackRows(packRows(loose));
}
