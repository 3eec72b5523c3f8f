/**
 * How long the store takes to be checked, and to let parts go: `fsck`, `fsck --fast`, one redaction
 * among all parts, and the expiry of all of them. `npm run bench -- store-check 1000000` makes that
 * many records with a part each.
 */
import { mkdtempSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsckRig } from '../../packages/store/src/fixture/fsck.ts';
import { FixtureLog, insert } from '../../packages/store/src/fixture/log.ts';

const RECORDS_DEFAULT = 200_000;
const RECORDS_PER_BATCH = 20_000;
const PART_BYTES = 200;
const MS_PER_S = 1_000;

const wanted = Number(process.argv[2] ?? RECORDS_DEFAULT);

async function timed(what: string, work: () => Promise<string>): Promise<void> {
  const start = performance.now();
  const said = await work();
  const seconds = ((performance.now() - start) / MS_PER_S).toFixed(1);
  console.log(`${what.padEnd(28)} ${seconds.padStart(7)} s  ${said}`);
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
  const { model } = cpus()[0]!;
  console.log(`${wanted} records with one part each; ${cpus().length} × ${model}`);
  await timed('filled', async () => {
    await fill(rig, made);
    return `${made.size} leaves`;
  });
  const place = { idx: 0, record: '' };
  await timed('fsck', async () => `${(await rig.check(made)).findingsTotal} findings`);
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
