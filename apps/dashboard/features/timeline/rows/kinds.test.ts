/** Every kind can be filtered for, once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EVENT_KINDS } from '@vitrine/schema/record';
import { KIND_GROUPS } from './kinds.ts';

describe('the kinds of the filter', () => {
  const offered = KIND_GROUPS.flatMap(({ kinds }) => kinds);

  it('are all there are, each in one group', () => {
    for (const kind of EVENT_KINDS) assert.ok(offered.includes(kind), kind);
    assert.equal(new Set(offered).size, offered.length);
  });

  it('include those that tell of loss', () => {
    const loss = ['telemetry.gap', 'telemetry.drop', 'gap', 'conflict', 'broken'];
    for (const kind of loss) assert.ok(offered.includes(kind), kind);
  });
});
