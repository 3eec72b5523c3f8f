/**
 * A relay's spool as somebody with its uid edits it: bytes changed in place and the checksum of
 * their frame made again, `u32 length | u32 crc32 | payload`, so that nothing looks damaged.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const HEADER_BYTES = 8;
const CRC_AT = 4;

/** `from` and `to` have one length; it must be in the spool exactly once. */
export function rewriteSpool(dir: string, from: string, to: string): void {
  assert.equal(from.length, to.length);
  let changed = 0;
  for (const name of readdirSync(dir).filter((name) => name.endsWith('.seg'))) {
    const path = join(dir, name);
    const bytes = readFileSync(path);
    for (let at = 0; at + HEADER_BYTES < bytes.length; ) {
      const length = bytes.readUInt32LE(at);
      const payload = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length);
      const found = payload.indexOf(from);
      if (found >= 0) {
        changed += 1;
        payload.write(to, found, 'latin1');
        bytes.writeUInt32LE(crc32(payload), at + CRC_AT);
      }
      at += HEADER_BYTES + length;
    }
    writeFileSync(path, bytes);
  }
  assert.equal(changed, 1, `${from} is in the spool ${changed} times`);
}
