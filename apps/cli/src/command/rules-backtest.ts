/** `rules backtest`: what rules would have raised on what the log already holds. */
import type { Command } from 'commander';
import { type Io, printJson } from '../print/io.ts';
import { type Column, printTable } from '../print/table.ts';
import { grouped, localTime, plain, utcTime } from '../print/text.ts';
import type { Backtest, RuleCount } from '../rules/backtest.ts';
import { type Cli, clientOf, type DataOption, withData, withExample, withJson } from './context.ts';
import { lengthOfTime, wholeNumber } from './options.ts';

interface BacktestOptions extends DataOption {
  json?: true;
  since?: bigint;
  session?: string;
  limit: number;
}

const NS_PER_S = 1_000_000_000n;
const NS_PER_MS = 1_000_000n;
const SINCE_DEFAULT = 24n * 3_600n * NS_PER_S;

export function addBacktest(rules: Command, { io }: Cli): void {
  const command = rules
    .command('backtest')
    .argument('<rule>', 'id of a rule that runs, a file, or a folder of files')
    .description('say what a rule would have raised on what the log holds; writes nothing')
    .option(
      '--since <time>',
      'only the last 30m, 24h, 7d (default: 24h, or all of --session)',
      lengthOfTime('--since'),
    )
    .option('--session <id>', 'only this session')
    .option('--limit <n>', 'alerts shown, newest', wholeNumber('--limit', 1, 1_000_000), 50)
    .action(async (given: string, options: BacktestOptions) => {
      const [{ findRules }, { backtest }] = await Promise.all([
        import('../rules/find.ts'),
        import('../rules/backtest.ts'),
      ]);
      const client = clientOf(options);
      const rules = await findRules(given, () => client);
      const range = rangeOf(options);
      const { session, sinceNs } = range;
      const found = await backtest(client, rules, range, ({ read, of, alerts }) => {
        io.progress(`  ${grouped(read)} of ${grouped(of)} leaves, ${grouped(alerts)} alerts`);
      });
      if (options.json)
        return printJson(io, {
          since: sinceNs === undefined ? null : String(sinceNs),
          session: session ?? null,
          ...found,
        });
      print(io, found, options.limit);
    });
  withExample(
    withJson(withData(command)),
    'rules backtest EGR-002 --since 24h',
    'rules backtest my-rules/ABC-001.yml --session SESSION',
  );
}

function rangeOf({ since, session }: BacktestOptions) {
  const back = since ?? (session === undefined ? SINCE_DEFAULT : undefined);
  const nowNs = BigInt(Date.now()) * NS_PER_MS;
  return { session, sinceNs: back === undefined ? undefined : nowNs - back };
}

function print(io: Io, found: Backtest, limit: number): void {
  const columns: Column<Backtest['alerts'][number]>[] = [
    { name: 'time', cell: ({ t }) => (io.tty ? localTime(t) : utcTime(t)) },
    { name: 'rule', cell: ({ rule }) => rule },
    { name: 'severity', cell: ({ severity }) => severity },
    { name: 'session', cell: ({ subject }) => subject, max: 30 },
    { name: 'leaf', cell: ({ evidence }) => String(evidence.at(-1)?.index ?? ''), right: true },
    { name: 'what', cell: ({ what }) => what },
  ];
  printTable(io, columns, found.alerts.slice(-limit), 'it would have raised nothing');
  for (const count of found.counts) io.err(plain(countWords(count)));
  const { records, sessions } = found;
  const range = `${numbered(records, 'record')} of ${numbered(sessions, 'session')}`;
  io.err(`over ${range}; nothing was written`);
}

function countWords({ rule, alerts, sessions, per_1000_sessions }: RuleCount): string {
  const about = `${numbered(alerts, 'alert')} in ${numbered(sessions, 'session')}`;
  return `${rule}: ${about}, ${per_1000_sessions} per 1,000 sessions`;
}

function numbered(count: number, word: string): string {
  return `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;
}
