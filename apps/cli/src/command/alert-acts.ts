/** `alerts show|ack|assign|close|comment|reopen`: one alert, and what a person does with it. */
import { ALERT_VERDICTS, type AlertVerdict } from '@vitrine/schema';
import type { ActAnswer, ActRequest } from '@vitrine/schema/api';
import type { Command } from 'commander';
import { Client } from '../client/client.ts';
import { linkBase } from '../dashboard/whereabouts.ts';
import { CliError } from '../error.ts';
import { printAlert } from '../print/alert.ts';
import { historyLines, standing } from '../print/incident.ts';
import { type Io, printJson } from '../print/io.ts';
import { plain } from '../print/text.ts';
import {
  type Cli,
  clientOf,
  type DataOption,
  systemOf,
  withData,
  withExample,
  withJson,
} from './context.ts';
import { oneOf, wholeNumber } from './options.ts';

interface ActOptions extends DataOption {
  json?: true;
  expect?: number;
  comment?: string;
  assign?: string;
  nobody?: true;
  verdict?: AlertVerdict;
}

export function addAlertActs(alerts: Command, cli: Cli): void {
  addShow(alerts, cli);
  addAcknowledge(alerts, cli);
  addAssign(alerts, cli);
  addClose(alerts, cli);
  addComment(alerts, cli);
  addReopen(alerts, cli);
}

const ALERT = 'id or leaf index of the alert, as `alerts` shows them';

function addShow(alerts: Command, { io }: Cli): void {
  const show = alerts
    .command('show')
    .argument('<alert>', ALERT)
    .description('show an alert with everything that was done with it, and where its host leads')
    .action(async (name: string, options: ActOptions) => {
      const system = systemOf(options);
      const answer = await new Client(system).desk.alert(name);
      if (options.json) return printJson(io, answer);
      const lines = [...standing(answer), ...historyLines(io, answer.history)];
      printAlert(io, answer, linkBase(system), lines);
    });
  withExample(withJson(withData(show)), 'alerts show ALERT');
}

function addAcknowledge(alerts: Command, cli: Cli): void {
  const acknowledge = alerts
    .command('ack')
    .argument('<alert>', ALERT)
    .description('say that somebody looks at an alert')
    .option('--assign <name>', 'and who that is')
    .option('--comment <text>', 'and why; it can be redacted later')
    .action((name: string, { assign, ...options }: ActOptions) => {
      const who = assign === undefined ? {} : { assignee: assign };
      return run(cli, name, options, { state: 'acknowledged', ...who });
    });
  withExample(withAct(acknowledge), 'alerts ack ALERT --assign "Ada Lovelace"');
}

function addAssign(alerts: Command, cli: Cli): void {
  const assign = alerts
    .command('assign')
    .argument('<alert>', ALERT)
    .argument('[name]', 'who works on it')
    .description('give an alert to a person, or to nobody')
    .option('--nobody', 'take it from whoever has it')
    .option('--comment <text>', 'and why; it can be redacted later')
    .action((name: string, who: string | undefined, { nobody, ...options }: ActOptions) => {
      if ((who === undefined) === (nobody === undefined)) {
        throw new CliError('USAGE', 'assign needs the name of a person, or --nobody');
      }
      return run(cli, name, options, { assignee: who ?? null });
    });
  withExample(
    withAct(assign),
    'alerts assign ALERT "Ada Lovelace"',
    'alerts assign ALERT --nobody',
  );
}

function addClose(alerts: Command, cli: Cli): void {
  const close = alerts
    .command('close')
    .argument('<alert>', ALERT)
    .description('close an alert, and say what it turned out to be')
    .requiredOption(
      '--verdict <name>',
      ALERT_VERDICTS.join(', '),
      oneOf('--verdict', ALERT_VERDICTS),
    )
    .option('--comment <text>', 'and why; it can be redacted later')
    .action((name: string, { verdict, ...options }: ActOptions) =>
      run(cli, name, options, { state: 'closed', verdict: verdict! }),
    );
  withExample(
    withAct(close),
    'alerts close ALERT --verdict benign_positive --comment "the user was allowed to"',
  );
}

function addComment(alerts: Command, cli: Cli): void {
  const comment = alerts
    .command('comment')
    .argument('<alert>', ALERT)
    .argument('<text>', 'what you found; it can be redacted later')
    .description('write something down about an alert')
    .action((name: string, text: string, options: ActOptions) =>
      run(cli, name, { ...options, comment: text }, {}),
    );
  withExample(withAct(comment), 'alerts comment ALERT "asked the user, waiting"');
}

function addReopen(alerts: Command, cli: Cli): void {
  const reopen = alerts
    .command('reopen')
    .argument('<alert>', ALERT)
    .description('take back that an alert is closed or acknowledged')
    .option('--comment <text>', 'and why; it can be redacted later')
    .action((name: string, options: ActOptions) => run(cli, name, options, { state: 'open' }));
  withExample(withAct(reopen), 'alerts reopen ALERT --comment "it went on"');
}

function withAct(command: Command): Command {
  const expect = wholeNumber('--expect', 0, Number.MAX_SAFE_INTEGER);
  command.option('--expect <seq>', 'only if this is still the last record about it', expect);
  return withJson(withData(command));
}

async function run(cli: Cli, name: string, options: ActOptions, act: ActRequest): Promise<void> {
  const { comment, expect } = options;
  const answer = await clientOf(options).desk.act(name, {
    ...act,
    ...(comment === undefined ? {} : { comment }),
    ...(expect === undefined ? {} : { expect }),
  });
  if (options.json) return printJson(cli.io, answer);
  told(cli.io, answer);
}

function told(io: Io, answer: ActAnswer): void {
  if (answer.queued) {
    io.out(
      plain(`${answer.alert}: durable in the queue; the log has it as soon as its store is back`),
    );
    return;
  }
  const { alert, log, index, seq, state, assignee, verdict } = answer;
  const who = assignee === null ? '' : `, ${assignee}`;
  const what = verdict === null ? state : `${state} as ${verdict}`;
  io.out(plain(`${alert} is ${what}${who}: leaf ${index} of ${log}, seq ${seq}`));
}
