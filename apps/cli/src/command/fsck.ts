/** `fsck`: derives everything again from the records and names what differs. */
import type { JsonObject } from '@vitrine/schema';
import { Client } from '../client/client.ts';
import { absoluteDataDir } from '../config.ts';
import { CliError } from '../error.ts';
import { printJson } from '../print/io.ts';
import { readRunFile, runningSystem } from '../system/data-dir.ts';
import { type DataOption, type Register, withData, withExample, withJson } from './context.ts';

export const addFsck: Register = (program, cli) => {
  const { io } = cli;
  const command = program
    .command('fsck')
    .description('check all that is stored against the records; ends with 0, or 1 on a finding')
    .action(async (options: DataOption & { json?: true }) => {
      const dataDir = absoluteDataDir(options.data);
      const report = await check(dataDir, (progress) => io.progress(describe(progress)));
      if (report.ok !== true) cli.exit(1);
      if (options.json) return printJson(io, report);
      io.out(JSON.stringify(report));
    });
  withExample(withJson(withData(command)), 'fsck', 'fsck --json');
};

async function check(
  dataDir: string,
  onProgress: (progress: JsonObject) => void,
): Promise<JsonObject> {
  if (readRunFile(dataDir) === undefined) {
    throw new CliError('NOT_RUNNING', 'no system runs');
  }
  for await (const line of new Client(runningSystem(dataDir)).fsck()) {
    if (line.report !== undefined) return line.report;
    if (line.progress !== undefined) onProgress(line.progress);
  }
  throw new CliError('API_FAILED', 'the check ended without a report', 'try again');
}

function describe(progress: JsonObject): string {
  return JSON.stringify(progress);
}
