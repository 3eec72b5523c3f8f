/** `rules test`: the streams beside rules, through shim, relay's record, admission and engine. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { absoluteDataDir } from '../config.ts';
import { printJson } from '../print/io.ts';
import { plain } from '../print/text.ts';
import type { StreamRun } from '../rules/streams.ts';
import { type Cli, type DataOption, withData, withExample, withJson } from './context.ts';

interface TestOptions extends DataOption {
  json?: true;
  streams?: string;
}

export function addTest(rules: Command, cli: Cli): void {
  const { io } = cli;
  const test = rules
    .command('test')
    .argument('[path...]', 'files, or folders of them (default: rules of the data directory)')
    .description(
      'run the streams beside the rules, streams/ID/fires-* and silent-*; ends with 1 on a failure',
    )
    .option('--streams <dir>', 'where the streams are (default: streams beside each rule)')
    .action(async (given: string[], options: TestOptions) => {
      const paths = given.length > 0 ? given : [join(absoluteDataDir(options.data), 'rules')];
      const { runs, refused, untested } = await run(paths, options.streams);
      const failed = runs.filter(({ ok }) => !ok).length;
      if (failed + refused.length > 0) cli.exit(1);
      if (options.json) return printJson(io, { runs, refused, untested });
      for (const one of runs) io.out(plain(lineOf(one)));
      for (const { file, code, reason } of refused)
        io.out(plain(`refused ${file}: ${code}: ${reason}`));
      for (const id of untested) io.err(plain(`${id} has no streams`));
      io.err(`${runs.length} streams, ${failed} failed`);
    });
  withExample(
    withJson(withData(test)),
    'rules test my-rules',
    'rules test my-rules/ABC-001.yml --json',
  );
}

async function run(paths: string[], streams: string | undefined) {
  const [{ loadRules }, { runStreams, streamsBeside }, { readRulePaths }] = await Promise.all([
    import('@vitrine/detect'),
    import('../rules/streams.ts'),
    import('../system/rule-files.ts'),
  ]);
  const { files, pathOf } = readRulePaths(paths);
  const { rules, refused } = loadRules(files);
  const runs: StreamRun[] = [];
  const untested: string[] = [];
  for (const { id, file } of rules) {
    const own = runStreams(rules, id, streams ?? streamsBeside(pathOf(file)));
    if (own.length === 0) untested.push(id);
    runs.push(...own);
  }
  return { runs, refused, untested };
}

function lineOf({ ok, stream, expected, alerts, error }: StreamRun): string {
  const word = ok ? 'ok' : 'FAILED';
  if (error !== null) return `${word} ${stream}: ${error}`;
  const count = alerts.length === 1 ? '1 alert' : `${alerts.length} alerts`;
  const hoped = ok ? '' : expected === 'fires' ? ', one was expected' : ', none was expected';
  return `${word} ${stream}: ${count}${hoped}${alerts[0] === undefined ? '' : `: ${alerts[0]}`}`;
}
