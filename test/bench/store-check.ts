/**
 * How long the store takes to be checked, and to let parts go: `fsck`, `fsck --fast`, one redaction
 * among all parts, and the expiry of all of them. `npm run bench -- store-check 1000000` makes that
 * many records with a part each. The engine is a process of its own: the processor time that is
 * printed is that of the check alone, of all its threads.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsckRig } from '../../packages/store/src/fixture/fsck.ts';
import { FixtureLog, insert } from '../../packages/store/src/fixture/log.ts';
import { type Bound, printFigure, printMachine, sizeAsked } from './measure/bench.ts';

const RECORDS_DEFAULT = 200_000;
const RECORDS_PER_BATCH = 20_000;
const PART_BYTES = 200;
const MS_PER_S = 1_000;
const US_PER_S = 1_000_000;
/** Of a check of this many records. */
const BOUND_RECORDS = 1_000_000;
const FSCK_S_MAX = 20;

const wanted = sizeAsked(RECORDS_DEFAULT);

async function timed(what: string, work: () => Promise<string>, bound?: Bound): Promise<void> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const said = await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / MS_PER_S;
  printFigure(`${what}: ${said}`, [seconds], 's', bound);
  printFigure('  its processor time', [(user + system) / US_PER_S], 's', bound);
}

async function fill(rig: FsckRig, made: FixtureLog): Promise<void> {
  made.open('s');
  for (let done = 0; done < wanted; done += RECORDS_PER_BATCH) {
    for (let i = done; i < Math.min(wanted, done + RECORDS_PER_BATCH); i++) {
      const input = Buffer.from(`${i}`.padEnd(PART_BYTES, 'x'));
      const fields = { agent: { id: 'main' }, tool: { name: 'Bash', use_id: `use-${i}` } };
      made.event('s/b0.agent', 'tool.call', fields, { parts: { input } });
    }
    const batch = made.seal();
    await insert(rig.store, batch);
    // The rows are not needed again: a million of them would only fill the memory.
    made.rows.length = 0;
  }
}

const rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-bench-')));
try {
  const made = new FixtureLog();
  const { log } = made;
  printMachine();
  console.log(`records  ${wanted} with one part each`);
  await timed('filled', async () => {
    await fill(rig, made);
    return `${made.size} leaves`;
  });
  const place = { idx: 0, record: '' };
  const bound = { is: 'at most', value: FSCK_S_MAX } as const;
  const checked = async (): Promise<string> => `${(await rig.check(made)).findingsTotal} findings`;
  await timed('fsck', checked, wanted >= BOUND_RECORDS ? bound : undefined);
  await timed('fsck --fast', async () => `${(await rig.checkFast(made)).findingsTotal} findings`);
  await timed('redact one', async () => {
    const target = { chain: 's/b0.agent', seq: Math.floor(wanted / 2), part: 'input' };
    await rig.store.erasure.erase(log, made.size, [{ kind: 'redact', ...place, ...target }]);
    return '1 part';
  });
  await timed('expire one name below half', async () => {
    const half = Math.floor(made.size / 2);
    const target = { below: half, part: 'input' };
    await rig.store.erasure.erase(log, made.size, [{ kind: 'expire', ...place, ...target }]);
    return `${half} leaves`;
  });
  await timed('expire all', async () => {
    const target = { below: made.size, part: '*' };
    await rig.store.erasure.erase(log, made.size, [{ kind: 'expire', ...place, ...target }]);
    const left = await rig.store.erasure.standsBelow(log, '*', made.size);
    return left ? 'parts are left' : 'no part is left';
  });
} finally {
  await rig.stop();
}
