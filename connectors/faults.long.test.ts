import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ackedSubject } from './kit/conformance/acked.fixture.ts';
import { badDay } from './kit/conformance/laws.ts';
import { httpSubjects } from './kit/conformance/subjects.ts';
import { connectorTypes } from './registry.ts';

const DAYS = 2_000;

describe(`${DAYS} bad days`, () => {
  it('break no law, whatever the connector', async () => {
    const http = await httpSubjects(connectorTypes);
    const subjects = Object.entries({ ...http, acked: ackedSubject() });
    for (let seed = 1; seed <= DAYS; seed++) {
      const [name, subject] = subjects[seed % subjects.length]!;
      const broken = await badDay({ seed, subject, neighbour: http.webhook! });
      assert.deepEqual(broken, [], `${name}, seed ${seed}`);
    }
  });
});
