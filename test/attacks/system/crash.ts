/** Kills after each durable step of a batch: the next start goes on with the same tree. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Answer, SystemRow } from '../row.ts';
import { ORDER, type Order, type Step } from './die.ts';
import type { Site } from './site.ts';
import { recordedSite } from './sites.ts';

const STEPS: Step[] = [
  'queue synced',
  'blob written',
  'intent created',
  'records inserted',
  'checkpoint inserted',
  'note published',
  'blob forgotten',
];
const DIE = fileURLToPath(new URL('die.ts', import.meta.url));
const BATCH = { session: 'cut', count: 3, t: 1_700_000_000_000_000_000n };

interface Intent {
  size: number;
  root: string;
}

/** What was decided and may be published or not. */
function intentsOf(site: Site): Intent[] {
  const dir = join(site.data, 'log', 'default.0.1', 'intent');
  return readdirSync(dir)
    .filter((name) => !name.startsWith('.'))
    .map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')) as Intent);
}

/** What an auditor with a pin hears of a batch whose collector is killed, or not. */
async function cut(t: TestContext, step: Step, killed: boolean): Promise<Answer> {
  const site = await recordedSite(t);
  const armed = join(site.kept, 'armed');
  let pin = '';
  const env = orderOf({ step, armed });
  await site.whileLaunched(async (collector) => {
    pin = await site.pin('pin');
    if (!killed) return;
    writeFileSync(armed, '');
    await site.push(BATCH).catch(() => {});
    assert.deepEqual(await collector.exited, { code: null, signal: 'SIGKILL' }, collector.said);
  }, env);
  const decided = intentsOf(site);
  await site.start();
  // Its sender has heard no answer, or that of a collector that died: it sends again.
  assert.equal(await site.push(BATCH), 200);
  await site.sealed(BATCH.session, BATCH.count - 1);
  const answer = await site.auditSince(pin, BATCH.session, '--require-lossless');
  for (const { size, root } of decided) {
    assert.equal(await site.rootAt(size), root, `the tree that was decided, of ${size} leaves`);
  }
  const { code, text } = await site.vitrine('fsck');
  assert.equal(code, 0, text);
  return answer;
}

function orderOf(order: Order): NodeJS.ProcessEnv {
  const NODE_OPTIONS = `--import=${DIE}`;
  return { ...process.env, NODE_OPTIONS, [ORDER]: JSON.stringify(order) };
}

let whole: Promise<Answer> | undefined;

export const CRASH_ROWS: SystemRow[] = STEPS.map((step) => ({
  id: `50-${step.replace(' ', '-')}`,
  source: 'attack list',
  status: 'runs',
  text: `kill -9 with the ${step}: the same tree after the next start, nothing lost or doubled`,
  on: 'process',
  where: ['node'],
  code: 0,
  says: /^PROVEN \(0\)[\s\S]*in \(3\)/,
  async run(t) {
    whole ??= cut(t, step, false);
    return { sound: await whole, attacked: await cut(t, step, true) };
  },
}));
