/** `trust`: the trust file of this log, for an auditor to keep apart from the evidence. */
import { Client } from '../client/client.ts';
import { absoluteDataDir } from '../config.ts';
import { notRunning, readDataFile, readRunFile, runningSystem } from '../system/data-dir.ts';
import { type DataOption, type Register, withData, withExample } from './context.ts';

export const addTrust: Register = (program, { io }) => {
  const command = program
    .command('trust')
    .description(
      'print the trust file of this log; give it to auditors by another way than bundles',
    )
    .action(async (options: DataOption) => {
      io.out((await trustOf(absoluteDataDir(options.data))).trimEnd());
    });
  withExample(withData(command), 'trust > trust.txt');
};

/** From the running system, else from its data directory. */
async function trustOf(dataDir: string): Promise<string> {
  if (readRunFile(dataDir) !== undefined) return new Client(runningSystem(dataDir)).trust();
  const kept = readDataFile(dataDir, 'trust.txt');
  if (kept === undefined) throw notRunning(dataDir);
  return kept;
}
