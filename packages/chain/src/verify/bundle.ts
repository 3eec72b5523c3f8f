/** Reads bundles and pins (LOG.md §4, §5 step 1). */
import * as limits from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import { BUNDLE, misfit, PIN } from './form.ts';
import { decodeUtf8, parseJson } from './json.ts';
import { readCheckpointNote } from './note.ts';
import type { Bundle, BundleText, Pin, PinText } from './types.ts';

/**
 * Throws BUNDLE_MALFORMED, BUNDLE_TOO_LARGE or NOTE_INVALID. `consume`: gives the memory of the
 * bytes back once they are text, where the engine can (ES2024).
 */
export function readBundle(bytes: Uint8Array, consume?: boolean): Bundle {
  const large = `${bytes.length} bytes; a bundle has ${limits.BUNDLE_BYTES_MAX} at most`;
  if (bytes.length > limits.BUNDLE_BYTES_MAX) throw new ChainError('BUNDLE_TOO_LARGE', large);
  const more = Math.floor(bytes.length / limits.JSON_VALUE_BYTES_MIN);
  const valuesMax = limits.JSON_VALUES_FREE_MAX + more;
  const depthMax = limits.JSON_DEPTH_MAX;
  const text = decodeUtf8(bytes, 'BUNDLE_MALFORMED');
  const buffer = bytes.buffer as ArrayBuffer & { transfer?(length: number): unknown };
  // A small file of Node lies in memory that others use as well.
  if (consume && bytes.length === buffer.byteLength) buffer.transfer?.(0);
  const value = parseJson(text, 'BUNDLE_MALFORMED', { valuesMax, depthMax });
  const found = misfit(value, BUNDLE);
  if (found) throw new ChainError('BUNDLE_MALFORMED', found);
  const { checkpoint, consistency, ...bundle } = value as unknown as BundleText;
  const names = bundle.chains.map(({ chain }) => chain);
  const sorted = names.every((name, i) => i === 0 || name > names[i - 1]!);
  if (!sorted) throw new ChainError('BUNDLE_MALFORMED', 'chains that are not sorted');
  const from = consistency && readCheckpointNote(consistency.from);
  const rest = from && { consistency: { from, proof: consistency.proof } };
  return { ...bundle, checkpoint: readCheckpointNote(checkpoint), ...rest };
}

/** Throws PIN_INVALID for text that is no pin at all. */
export function readPin(text: string): Pin {
  try {
    if (text.length > limits.PIN_BYTES_MAX) throw new ChainError('PIN_INVALID', 'it is too large');
    const value = parseJson(text, 'PIN_INVALID');
    const found = misfit(value, PIN);
    if (found) throw new ChainError('PIN_INVALID', found);
    const { note, ...pin } = value as unknown as PinText;
    return { ...pin, note: readCheckpointNote(note) };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw new ChainError('PIN_INVALID', error.message, error.hint, { cause: error });
  }
}
