/** Makes the seal of a batch (LOG.md §3). */
import { type JsonObject, RECORD_BYTES_MAX } from '@vitrine/schema';
import { ChainError } from '../error.ts';
import { canonicalBytes } from '../record/make.ts';
import { sealFault } from '../verify/record.ts';
import type { SealBody } from '../verify/types.ts';

/** Canonical bytes; adds `kind` and `v`. Throws SEAL_INVALID. */
export function makeSeal(body: SealBody): Buffer {
  const seal: JsonObject = { ...(body as unknown as JsonObject), kind: 'seal', v: 1 };
  const fault = sealFault(seal);
  if (fault !== undefined) throw new ChainError('SEAL_INVALID', fault);
  const bytes = canonicalBytes(seal);
  if (bytes.length > RECORD_BYTES_MAX) throw new ChainError('SEAL_INVALID', 'src is too large');
  return bytes;
}
