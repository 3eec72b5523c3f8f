import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { ackedSubject } from './kit/conformance/acked.fixture.ts';
import { badDay, type Day, type Law } from './kit/conformance/laws.ts';
import { httpSubjects } from './kit/conformance/subjects.ts';
import type { DeliverableAlert } from './kit/contract.ts';
import type { Exchange } from './kit/wire/exchange.ts';
import type { Wire } from './kit/wire/wire.ts';
import { connectorTypes } from './registry.ts';

/** `faults.long.test.ts` has 2,000 of them. */
const SEEDS = 8;
const SABOTAGE_SEEDS = 24;

const subjects = await httpSubjects(connectorTypes);
const neighbour = subjects.webhook!;

describe('bad days', () => {
  for (const [name, subject] of Object.entries({ ...subjects, acked: ackedSubject() })) {
    it(`break no law for ${name}`, async () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        assert.deepEqual(await badDay({ seed, subject, neighbour }), [], `seed ${seed}`);
      }
    });
  }
});

/** All laws that some day breaks. */
async function brokenBy(day: Omit<Day, 'seed' | 'neighbour'>): Promise<Set<Law>> {
  const broken = new Set<Law>();
  for (let seed = 1; seed <= SABOTAGE_SEEDS; seed++) {
    for (const law of await badDay({ neighbour, ...day, seed })) broken.add(law);
  }
  return broken;
}

describe('the laws find out', () => {
  const subject = subjects.webhook!;

  it('an engine that commits before the outcome is known', async () => {
    const broken = await brokenBy({
      subject,
      sabotage: {
        wire: (wire) => ({
          ...partsOf(wire),
          async send(items, attempt, signal) {
            void wire.send(items, attempt, signal);
            return { kind: 'ok', answer: 'it will arrive' };
          },
        }),
      },
    });
    assert.ok(broken.has('loss') && broken.has('cursor') && broken.has('lag'), [...broken].join());
  });

  it('an engine that takes a batch for confirmed when it is only accepted', async () => {
    const broken = await brokenBy({
      subject: ackedSubject(),
      sabotage: {
        wire: (wire) => ({
          ...partsOf(wire),
          async send(items, attempt, signal) {
            const outcome = await wire.send(items, attempt, signal);
            return outcome.kind === 'accepted' ? { ...outcome, kind: 'ok' } : outcome;
          },
        }),
      },
    });
    assert.ok(broken.has('loss') && broken.has('cursor'), [...broken].join());
  });

  it('an id that changes when an alert is sent again', async () => {
    const seen = new Set<string>();
    const exchange =
      (inner: Exchange): Exchange =>
      (make, read, options) => {
        const changed = () => {
          const request = make();
          const text = Buffer.from(request.body!).toString('utf8');
          const [id] = /alr_[0-9a-f]{32}/.exec(text)!;
          if (!seen.has(id)) return seen.add(id) && request;
          const other = `alr_${randomBytes(16).toString('hex')}`;
          return { ...request, body: Buffer.from(text.replaceAll(id, other)) };
        };
        return inner(changed, read, options);
      };
    assert.ok((await brokenBy({ subject, sabotage: { exchange } })).has('id'));
  });

  it('an engine that does not know the sessions', async () => {
    const alert = (one: DeliverableAlert): DeliverableAlert => {
      return { ...one, record: { ...one.record, subject: one.id } };
    };
    assert.ok((await brokenBy({ subject, sabotage: { alert } })).has('order'));
  });

  it('a lag that is not true, in both directions', async () => {
    for (const lag of [(n: number) => Math.max(0, n - 1), (n: number) => n + 1]) {
      assert.deepEqual(await brokenBy({ subject, lag }), new Set(['lag']));
    }
  });

  it('a destination that waits for its neighbour', async () => {
    let waiting: Promise<unknown> = Promise.resolve();
    const exchange =
      (inner: Exchange): Exchange =>
      (make, read, options) => {
        const answer = inner(make, read, options);
        waiting = answer;
        return answer;
      };
    const neighbourSabotage = {
      exchange:
        (inner: Exchange): Exchange =>
        async (make, read, options) => {
          await waiting;
          return inner(make, read, options);
        },
    };
    const broken = await brokenBy({ subject, sabotage: { exchange }, neighbourSabotage });
    assert.ok(broken.has('isolation'));
  });
});

/** A wire is a class: its members do not spread. */
function partsOf(wire: Wire): Wire {
  return {
    concurrentMax: wire.concurrentMax,
    confirms: wire.confirms,
    send: (items, attempt, signal) => wire.send(items, attempt, signal),
    confirm: (tickets, signal) => wire.confirm(tickets, signal),
    authorize: (signal) => wire.authorize(signal),
    probe: (signal) => wire.probe(signal),
    secretsChanged: () => wire.secretsChanged(),
    close: () => wire.close(),
  };
}
