/**
 * The commit order of LOG.md §3 under schedules made by chance, with the collector's own code for
 * every step, the making of a batch while the one before is on its way included; and the same
 * schedules with one step in the wrong place, which must be found out.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { insertBatch } from '../../apps/collector/src/insert/commit.ts';
import { PUBLISHED } from '../../apps/collector/src/sequence/overlap.ts';
import { Violation } from './published.ts';
import { runSchedules } from './schedules.ts';
import type { WorldOptions } from './world.ts';
import { STEPS, type WriterSteps } from './writer.ts';

const SCHEDULES = 250;
const SCHEDULES_MAX = 1_500;

describe('the commit order', () => {
  it('holds for a writer that is killed after any step and loses any answer', async (t) => {
    const { schedules, kills, notes } = await runSchedules(SCHEDULES, { zombies: false });
    t.diagnostic(`${schedules} schedules, ${kills} kills, ${notes} checkpoints`);
    assert.ok(kills > schedules && notes > 3 * schedules, 'too little happened');
  });

  it('holds with writers that wake up after another one has taken over', async (t) => {
    const { schedules, kills, notes } = await runSchedules(SCHEDULES, { zombies: true });
    t.diagnostic(`${schedules} schedules, ${kills} kills, ${notes} checkpoints`);
    assert.ok(kills > schedules && notes > 3 * schedules, 'too little happened');
  });
});

describe('the model finds', () => {
  const found = (
    name: string,
    what: RegExp,
    { seed = 0, ...options }: Partial<WorldOptions> & Pick<WorldOptions, 'zombies'>,
  ): void => {
    it(`${name}`, async () => {
      const run = runSchedules(SCHEDULES_MAX, options, seed);
      const error: unknown = await run.then(
        () => undefined,
        (failure: Error) => failure.cause,
      );
      assert.ok(error instanceof Error, 'every schedule went well');
      assert.match(error.message, what);
      assert.ok(error instanceof Violation || 'code' in error, String(error.stack));
    });
  };
  const swapped = (steps: Partial<WriterSteps>): WriterSteps => ({ ...STEPS, ...steps });

  found('a note that is published before its rows', /is missing/, {
    zombies: false,
    steps: swapped({
      async commit(target, batch, rows, verify) {
        const store = { insertBatch: async () => {} } as unknown as typeof target.store;
        const note = await insertBatch({ ...target, store }, batch, rows, verify);
        await target.intents.publish(note);
        await insertBatch(target, batch, rows, verify);
      },
    }),
  });

  found(
    'rows that are inserted before their batch is decided',
    /not the root|two records|the store has size/,
    {
      zombies: false,
      steps: swapped({
        async decide() {},
        async commit(target, batch, rows, verify) {
          const note = await insertBatch(target, batch, rows, verify);
          await target.intents.decide(batch);
          await target.intents.publish(note);
        },
      }),
    },
  );

  found('a second try that reads nothing back', /more than once/, {
    zombies: false,
    steps: swapped({
      commit: (target, batch, rows) => STEPS.commit(target, batch, rows, false),
    }),
  });

  found('a start that trusts the queue and not the last seal', /src is past events/, {
    zombies: false,
    steps: swapped({ from: (_, queued) => queued }),
  });

  found('intents that a second writer may replace', /two r|not the root|the store has size/, {
    zombies: true,
    createOnly: false,
  });

  found(
    'a batch that is decided before the one before it is published',
    /is missing|not the root/,
    {
      zombies: false,
      steps: swapped({
        async sealOn({ make, commit }) {
          for (let made = await make(PUBLISHED); made; made = await make(PUBLISHED)) {
            commit(made).catch(() => {});
          }
          return true;
        },
      }),
    },
  );

  found('a page that is compared before what it repeats can be read', /conflicts are told/, {
    zombies: false,
    steps: swapped({ compares: () => PUBLISHED }),
  });

  found('a state that rests before its batch is published', /rests on what is not out/, {
    zombies: false,
    steps: swapped({
      async sealOn({ make, commit }) {
        const made = await make(PUBLISHED);
        if (made) commit(made).catch(() => {});
        return true;
      },
    }),
  });

  // It must sleep until the others have forgotten the decision that it missed.
  found('a writer that does not look whether it is a zombie', /two records|the root|no superv/, {
    zombies: true,
    // One in some hundred does.
    actions: 250,
    seed: 60,
    steps: swapped({
      async commit(target, batch, rows, verify) {
        const note = await insertBatch(target, batch, rows, verify);
        await target.intents.publish(note);
      },
    }),
  });
});
