/** An insider with the key signs what a sequencer must not: a replay of the log finds it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FixtureLog, Misdeeds } from '../../../packages/store/src/fixture/log.ts';
import type { Answer, SystemRow } from '../row.ts';

const FOUND = {
  source: 'attack list',
  status: 'runs',
  on: 'database',
  where: ['node'],
  code: 1,
} as const;

/** What the command prints of a log whose writer did its duty, and of one whose writer did not. */
function signed(misdeed: Misdeeds, act: (log: FixtureLog) => void): SystemRow['run'] {
  return async () => {
    const { FsckRig } = await import('../../../packages/store/src/fixture/fsck.ts');
    const { FixtureLog } = await import('../../../packages/store/src/fixture/log.ts');
    const { printReport } = await import('../../../apps/cli/src/command/fsck.ts');
    const { memoryIo } = await import('../../../apps/cli/src/print/memory-io.ts');
    const rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-insider-')));
    const answerTo = async (name: string, misdo: Misdeeds): Promise<Answer> => {
      const log = new FixtureLog(name);
      log.open('s1');
      log.event('s1/b0.host', 'other', {});
      const first = log.seal();
      log.misdo = misdo;
      act(log);
      await rig.insertAll([first, log.seal()]);
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
  };
}

const another = (log: FixtureLog): void => log.event('s1/b0.host', 'other', {});

export const INSIDER_ROWS: SystemRow[] = [
  {
    ...FOUND,
    id: '56-fsck',
    text: 'an insider signs a seal whose heads leave a chain out',
    says: /^records \d+ heads$/m,
    run: signed({ heads: true }, another),
  },
  {
    ...FOUND,
    id: '45-join',
    text: 'an insider lets a chain begin that nobody announced',
    says: /^records \d+ join$/m,
    run: signed({ join: true }, (log) => log.event('s1/b1.host', 'other', {})),
  },
  {
    ...FOUND,
    id: '36-end',
    text: 'an insider ends a chain at another place than its last record',
    says: /^records \d+ target$/m,
    run: signed({ end: true }, (log) => log.end('s1/b0.host')),
  },
];
