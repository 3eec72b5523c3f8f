/** What the dashboard offers to a role is what the collector lets that role do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROLES } from '@vitrine/schema/api';
import { may } from '../apps/collector/src/access/may.ts';

/** The dashboard is compiled by itself, so that its types are not known here. */
const ACCESS = new URL('../apps/dashboard/lib/access.ts', import.meta.url).href;
const DEEDS = ['alert.triage', 'connector.manage', 'evidence.export', 'part.read'] as const;

interface Access {
  refusalOf(role: string, deed: string): string | undefined;
}

test('a page offers a role what the API would let it do, and nothing else', async () => {
  const { refusalOf } = (await import(ACCESS)) as Access;
  const tenant = 'default';
  const principals = ROLES.map((role) => ({ id: 'p', role, tenant }));
  // Of those who come to the dashboard at all.
  const readers = principals.filter((one) => may(one, 'session.read', { tenant }));
  assert.ok(readers.length > 1);
  for (const reader of readers) {
    for (const deed of DEEDS) {
      const isOffered = refusalOf(reader.role, deed) === undefined;
      assert.equal(isOffered, may(reader, deed, { tenant }), `${reader.role} ${deed}`);
    }
  }
});
