/** `approvals`: who let agents do what, how fast, and what came after. */
import type { ApprovalFigures, ApprovalsAnswer } from '@vitrine/schema/api';
import { timeOf } from '../print/event.ts';
import { type Io, printJson } from '../print/io.ts';
import { type Column, printTable } from '../print/table.ts';
import { grouped, plain } from '../print/text.ts';
import {
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';
import { lengthOfTime } from './options.ts';
import { namesText, percent, sayLooked, sinceOf, waitText } from './views.ts';

interface ApprovalsOptions extends DataOption {
  json?: true;
  user?: string;
  tool?: string;
  session?: string;
  since?: bigint;
}

/** What users accept on the whole, as the write-up on containment has it. */
const USUAL_RATIO = 0.93;

export const addApprovals: Register = (program, { io }) => {
  const command = program
    .command('approvals')
    .description('show who approved what, how fast, rubber-stamp runs, and what followed')
    .option('--user <name>', 'only decisions of this user')
    .option('--tool <name>', 'only decisions on this tool')
    .option('--session <id>', 'only decisions in this session')
    .option('--since <time>', 'only the last 30m, 24h, 7d', lengthOfTime('--since'))
    .action(async (options: ApprovalsOptions) => {
      const { user, tool, session, since } = options;
      const query = { user, tool, ...sinceOf(since) };
      const found = await clientOf(options).view<ApprovalsAnswer>('approvals', {
        ...query,
        session,
      });
      if (options.json) return printJson(io, found);
      print(io, found);
    });
  withExample(withJson(withData(command)), 'approvals --since 7d', 'approvals --user USER --json');
};

interface Line extends ApprovalFigures {
  user: string;
  tool: string;
}

function print(io: Io, found: ApprovalsAnswer): void {
  const lines = found.users.flatMap((one): Line[] => {
    const by = one.named_by === 'agent' ? ' (says the agent)' : '';
    const user = `${one.user || '(nobody named)'}${by}`;
    const all = { ...one, user, tool: '(all tools)' };
    return [
      all,
      ...one.tools.map((each) => ({ ...each, user, tool: each.tool || '(none named)' })),
    ];
  });
  printTable(io, columns(), lines, NOTHING);
  if (lines.length === 0) return;
  io.err(`accepted: ${percent(USUAL_RATIO)} is what users accept on the whole; all told by agents`);
  const time = timeOf(io);
  for (const { user, accepts, first, last, p50_ms: p50, tools } of found.runs) {
    const span = `${time(first.t)} to ${time(last.t)}`;
    const of = `${accepts} accepts, median ${waitText(p50)}, of ${namesText(tools)}`;
    const where = `events ${first.index} to ${last.index} of session ${last.session}`;
    io.out(plain(`rubber-stamp run: ${user || '(nobody named)'}, ${span}: ${of}; ${where}`));
  }
  for (const { alert, approval, accepts, after_ms: after } of found.incidents) {
    const what = `alert ${alert.index} (${alert.severity}, ${alert.rule}: ${alert.title})`;
    const who = approval.user || 'somebody';
    const since = `${waitText(after)} after ${who} accepted ${approval.tool}`;
    const where = `event ${approval.index} of session ${approval.session}`;
    io.out(plain(`approved, then: ${what} ${since} (${where}; ${accepts} accepts in 10 minutes)`));
  }
  if (found.runs_of > found.runs.length) io.err(`${grouped(found.runs_of)} runs in all`);
  if (found.incidents_of > found.incidents.length) {
    io.err(`${grouped(found.incidents_of)} such alerts in all`);
  }
  sayLooked(io, found.looked);
}

const NOTHING =
  'no decision is told of: they come from an agent’s own hooks and telemetry ' +
  '(npx --no vitrine shim claude-code --print-settings)';

function columns(): Column<Line>[] {
  return [
    { name: 'user', cell: ({ user }) => user, max: 36 },
    { name: 'tool', cell: ({ tool }) => tool, max: 24 },
    { name: 'by people', cell: ({ human }) => grouped(human), right: true },
    { name: 'by rule', cell: ({ automatic }) => grouped(automatic), right: true },
    { name: 'unsaid', cell: ({ unsaid }) => grouped(unsaid), right: true },
    { name: 'accepted', cell: ({ ratio }) => (ratio === null ? '-' : percent(ratio)), right: true },
    { name: 'per hour', cell: ({ per_hour: rate }) => rate?.toFixed(1) ?? '-', right: true },
    {
      name: 'median',
      cell: ({ waited_ms: w }) => (w === null ? '-' : waitText(w.p50)),
      right: true,
    },
    { name: 'p95', cell: ({ waited_ms: w }) => (w === null ? '-' : waitText(w.p95)), right: true },
    {
      name: 'under 1.5 s',
      cell: ({ waited_ms: w }) => (w === null ? '-' : percent(w.fast / w.known)),
      right: true,
    },
  ];
}
