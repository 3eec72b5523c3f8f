/** The schedules of `commit.test.ts`, many more of them; VITRINE_MODEL_SEED begins elsewhere. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runSchedules } from './schedules.ts';

const SCHEDULES = Number(process.env.VITRINE_MODEL_SCHEDULES ?? 250);
const SEED_FIRST = Number(process.env.VITRINE_MODEL_SEED ?? 10_000);

for (const zombies of [false, true]) {
  it(`the commit order holds, ${zombies ? 'with' : 'without'} late writers`, async (t) => {
    const { schedules, kills, notes } = await runSchedules(
      SCHEDULES,
      { zombies, actions: 150 },
      SEED_FIRST,
    );
    t.diagnostic(`${schedules} schedules, ${kills} kills, ${notes} checkpoints`);
    assert.equal(schedules, SCHEDULES);
  });
}
