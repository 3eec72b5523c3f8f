/** An insider with the key signs what a sequencer must not: a replay of the log finds it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Misdeeds } from '../../../packages/store/src/fixture/log.ts';
import type { Answer, SystemRow } from '../row.ts';

/** What the command prints of a log whose writer did its duty, and of one whose writer did not. */
async function signed(misdeed: Misdeeds): ReturnType<SystemRow['run']> {
  const { FsckRig } = await import('../../../packages/store/src/fixture/fsck.ts');
  const { FixtureLog } = await import('../../../packages/store/src/fixture/log.ts');
  const { printReport } = await import('../../../apps/cli/src/command/fsck.ts');
  const { memoryIo } = await import('../../../apps/cli/src/print/memory-io.ts');
  const rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-insider-')));
  const answerTo = async (name: string, misdo: Misdeeds): Promise<Answer> => {
    const log = new FixtureLog(name);
    log.misdo = misdo;
    log.open('s1');
    log.event('s1/b0.host', 'other', {});
    await rig.insertAll([log.seal()]);
    const report = await rig.check(log);
    const io = memoryIo();
    printReport(io, report);
    return { code: report.ok ? 0 : 1, text: io.lines.join('\n') };
  };
  try {
    const sound = await answerTo('sound.0.1', {});
    return { sound, attacked: await answerTo('insider.0.1', misdeed) };
  } finally {
    await rig.stop();
  }
}

export const INSIDER_ROWS: SystemRow[] = [
  {
    id: '56-fsck',
    source: 'attack list',
    status: 'runs',
    text: 'an insider signs a seal whose heads leave a chain out',
    on: 'database',
    where: ['node'],
    code: 1,
    says: /^records \d+ heads$/m,
    run: () => signed({ heads: true }),
  },
];
