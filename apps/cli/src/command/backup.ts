/** `backup`: a copy of the log that verifies by itself, and that each run brings up to date. */
import { resolve } from 'node:path';
import type { BackupReport, WrittenBackup } from '@vitrine/store';
import { absoluteDataDir } from '../config.ts';
import { CliError } from '../error.ts';
import { type Io, printJson } from '../print/io.ts';
import { grouped, plain } from '../print/text.ts';
import { backupFiles } from '../system/backup-files.ts';
import { readTextFile } from '../system/data-dir.ts';
import { type DataOption, type Register, withData, withExample, withJson } from './context.ts';

interface BackupOptions extends DataOption {
  json?: true;
  verify?: true;
  trust?: string;
  keys?: true;
  config?: string;
}

export const addBackup: Register = (program, cli) => {
  const { io } = cli;
  const command = program
    .command('backup')
    .description('write a backup of the log, or bring one up to date; the system may run')
    .argument('<dir>', 'directory of the backup, which nothing else writes to')
    .option('--verify', 'check the backup instead, offline; ends with 0, or 1 when it is damaged')
    .option('--trust <file>', 'with --verify: trust file, from elsewhere than the backup')
    .option('--keys', 'with the signing key and tokens: whoever has them can sign as this log')
    .option('--config <file>', 'settings that do not lie in the data directory')
    .action(async (given: string, options: BackupOptions) => {
      const dir = resolve(given);
      if (options.verify !== true) return write(io, dir, options);
      const report = await check(io, dir, options);
      if (!report.ok) cli.exit(1);
      if (options.json) printJson(io, report);
      else printReport(io, report);
    });
  withExample(
    withJson(withData(command)),
    'backup /backup/vitrine',
    'backup /backup/vitrine --keys --config /etc/vitrine/vitrine.yaml',
    'backup --verify /backup/vitrine --trust trust.txt',
  );
};

async function write(io: Io, dir: string, options: BackupOptions): Promise<void> {
  if (options.trust !== undefined) {
    throw new CliError('USAGE', '--trust belongs to --verify');
  }
  const dataDir = absoluteDataDir(options.data);
  const keys = options.keys === true;
  const { backupSource } = await import('../system/backup-source.ts');
  const { checkpointOf } = await import('../system/note.ts');
  const { writeBackup } = await import('@vitrine/store');
  const source = await backupSource(dataDir, (line) => io.err(plain(line)));
  try {
    const { log, note } = source.subject;
    const { size } = checkpointOf(note);
    const files = backupFiles(dataDir, { log, size, keys, config: options.config });
    const written = await writeBackup(dir, source, {
      files,
      keys,
      onProgress: ({ done }) => io.progress(`  ${grouped(done)} of ${grouped(size)} leaves`),
    });
    await source.held();
    if (options.json) return printJson(io, { dir, ...written });
    printWritten(io, dir, written, keys);
  } finally {
    await source.close();
  }
}

function printWritten(
  io: Io,
  dir: string,
  { size, added, erased, faults }: WrittenBackup,
  keys: boolean,
): void {
  for (const { place, what } of faults) io.out(io.alarm(plain(`${place}: ${what}`)));
  io.out(plain(`${dir} holds the log up to leaf ${size - 1}; ${grouped(added)} leaves are new`));
  if (erased > 0) io.out(`${grouped(erased)} parts were taken out: redacted or expired since`);
  if (keys) io.out('it holds the signing key: whoever reads it can sign as this log');
  else io.err('it holds no keys: keep a copy of keys/ elsewhere, the log cannot go on without');
}

async function check(io: Io, dir: string, { trust }: BackupOptions): Promise<BackupReport> {
  if (trust === undefined) {
    io.err('trusting the key that lies in the backup; --trust FILE takes one from elsewhere');
  }
  const { checkBackup } = await import('@vitrine/store');
  return checkBackup(dir, {
    trust: trust === undefined ? undefined : readTextFile(resolve(trust)),
    onProgress: ({ checked, size }) => {
      io.progress(`  ${grouped(checked)} of ${grouped(size)} leaves checked`);
    },
  });
}

function printReport(io: Io, report: BackupReport): void {
  const { ok, faults, faultsTotal } = report;
  for (const { place, what } of faults) io.out(io.alarm(plain(`${place}: ${what}`)));
  if (faultsTotal > faults.length) io.out(`${grouped(faultsTotal - faults.length)} more`);
  const counts =
    `${grouped(report.records)} records, ${grouped(report.parts)} parts, ` +
    `${grouped(report.checkpoints)} checkpoints of ${report.origin}`;
  io.out(plain(`${ok ? 'ok' : 'damaged'}: ${counts}, made ${report.made}`));
}
