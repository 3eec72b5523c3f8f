/**
 * `fsck`: derives everything again from the records and names what differs. Asks the running
 * system; of a stopped one it opens the store itself.
 */
import type { FsckProgress, FsckReport } from '@vitrine/schema/api';
import { Client } from '../client/client.ts';
import { absoluteDataDir } from '../config.ts';
import { CliError } from '../error.ts';
import { type Io, printJson } from '../print/io.ts';
import { grouped, plain } from '../print/text.ts';
import { readRunFile, runningSystem } from '../system/data-dir.ts';
import { type DataOption, type Register, withData, withExample, withJson } from './context.ts';

interface FsckOptions extends DataOption {
  json?: true;
  fast?: true;
}

export const addFsck: Register = (program, cli) => {
  const { io } = cli;
  const command = program
    .command('fsck')
    .description('check all that is stored against the records; ends with 0, or 1 on a finding')
    .option('--fast', 'records, parts, tiles and the signed root alone, inside the engine')
    .action(async (options: FsckOptions) => {
      const reports = await check(io, absoluteDataDir(options.data), options.fast === true);
      if (reports.some((report) => !report.ok)) cli.exit(1);
      if (options.json) printJson(io, reports);
      else for (const report of reports) printReport(io, report);
    });
  withExample(withJson(withData(command)), 'fsck', 'fsck --fast', 'fsck --json');
};

async function check(io: Io, dataDir: string, fast: boolean): Promise<FsckReport[]> {
  const onProgress = ({ checked, size }: FsckProgress): void => {
    io.progress(`  ${grouped(checked)} of ${grouped(size)} leaves checked`);
  };
  if (readRunFile(dataDir) !== undefined) return [await online(dataDir, fast, onProgress)];
  io.err('no system runs here: the store is opened for the check');
  const { offlineFsck } = await import('../system/offline-fsck.ts');
  return offlineFsck(dataDir, fast, onProgress, (line) => io.err(plain(line)));
}

async function online(
  dataDir: string,
  fast: boolean,
  onProgress: (progress: FsckProgress) => void,
): Promise<FsckReport> {
  for await (const line of new Client(runningSystem(dataDir)).fsck(fast)) {
    if ('report' in line) return line.report;
    if ('progress' in line) onProgress(line.progress);
  }
  const message = 'the check ended without a report';
  throw new CliError('API_FAILED', message, "look at the collector's output and try again");
}

export function printReport(io: Io, report: FsckReport): void {
  const { findings, findingsTotal, missingTotal } = report;
  for (const { table, index, column, expected, found } of findings) {
    io.out(io.alarm(plain(`${table} ${index} ${column}`)));
    io.out(`  expected  ${plain(expected)}`);
    io.out(`  found     ${plain(found)}`);
  }
  if (findingsTotal > findings.length) {
    io.out(`${grouped(findingsTotal - findings.length)} more findings are not shown`);
  }
  const counts =
    `${grouped(report.records)} records, ${grouped(report.parts)} parts, ` +
    `${grouped(report.checkpoints)} checkpoints of ${report.log}`;
  const word = report.ok ? 'ok' : `${grouped(findingsTotal)} findings`;
  io.out(plain(`${word}: ${counts}, up to leaf ${report.size - 1}`));
  if (report.pass === 'fast') {
    io.out(
      'columns, chains, seals and older checkpoints were not checked: fsck without --fast does',
    );
  }
  if (missingTotal > 0) {
    io.out(`${grouped(missingTotal)} parts are gone (redacted or expired)`);
  }
}
