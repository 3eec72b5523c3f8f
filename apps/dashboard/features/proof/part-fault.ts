/**
 * Whether the content of a part is what its record commits to (LOG.md §2): the record is checked
 * with its row, its parts are kept beside it and could be edited alone.
 */
import { commitPart, decodeBase64, encodeBase64, sha256 } from '@vitrine/chain/verify';
import { isObject, type JsonObject, PART_SALT_BYTES } from '@vitrine/schema/record';

/** `salt` in base64, as the server says it. `undefined` if nothing speaks against the content. */
export function partFault(
  { parts }: JsonObject,
  name: string,
  salt: string | null,
  bytes: Uint8Array,
): string | undefined {
  const committed = isObject(parts) && Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (committed === undefined) return 'The record knows no such part.';
  const known = salt === null ? undefined : decodeBase64(salt);
  // Of another length, bytes could go from the salt to the content and the hash be the same.
  if (known?.length !== PART_SALT_BYTES) return 'It came without a salt: it cannot be checked.';
  const hash = encodeBase64(commitPart(sha256, known, bytes));
  if (hash === committed) return undefined;
  return (
    'This is not the content that the record commits to: it was changed after it was sealed. ' +
    `Its commitment is ${hash}, the record has ${String(committed)}.`
  );
}
