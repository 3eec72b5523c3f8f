/** What a person is told to do about a disk that cannot be written to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unwritable } from './failure.ts';

test('a full disk wants room, and any other one a look', () => {
  const remedies: [reason: string, remedy: RegExp][] = [
    ["ENOSPC: no space left on device, mkdir '/data/store'", /^free space on /],
    ["EDQUOT: disk quota exceeded, mkdir '/data/store'", /^free space on /],
    ['Cannot reserve 1.00 MiB, not enough space', /^free space on /],
    ['DB::Exception: (NOT_ENOUGH_SPACE)', /^free space on /],
    ['Cannot write to file, errno: 28, strerror: No space left on device', /^free space on /],
    ['Cannot open file, errno: 30, strerror: Read-only file system', /^check /],
    ["EACCES: permission denied, mkdir '/workspace/store'", /^check /],
  ];
  for (const [reason, remedy] of remedies) assert.match(unwritable('/d', reason).hint, remedy);
});
