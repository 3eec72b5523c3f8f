/** `shim`: one of our shims as a process of its own, on this terminal's input and output. */
import { printJson } from '../print/io.ts';
import { type Register, withExample } from './context.ts';
import { baseUrl } from './options.ts';

export const addShim: Register = (program, cli) => {
  const shim = program
    .command('shim')
    .description('run one shim; vitrine run starts them by itself');
  const strace = shim
    .command('strace')
    .description('strace lines on standard input to events; settings in VITRINE_SETTINGS')
    .action(async () => {
      const { runStraceShim } = await import('@vitrine/shim');
      cli.exit(await runStraceShim());
    });
  withExample(strace, 'shim strace < trace.txt');
  const egress = shim
    .command('egress')
    .description('the egress proxy; settings are the first line on standard input, as JSON')
    .action(async () => {
      const { runEgressProxy } = await import('@vitrine/shim');
      cli.exit(await runEgressProxy());
    });
  withExample(egress, 'shim egress < /dev/stdin');
  addClaudeCode(shim, cli);
};

const addClaudeCode: Register = (shim, cli) => {
  const command = shim
    .command('claude-code')
    .description('the settings with which Claude Code sends its hooks and telemetry here')
    .requiredOption('--print-settings', 'print them as JSON: the one thing this shim does')
    .option(
      '--otlp <url>',
      'OTLP/HTTP port, for a Claude Code outside vitrine run; its token is in $VITRINE_TOKEN',
      baseUrl('--otlp'),
    )
    .action(async ({ otlp }: { otlp?: string }) => {
      const { claudeCodeSettings, HOOK_SCRIPT, INSIDE, INSIDE_OTLP } = await import(
        '@vitrine/shim'
      );
      const target =
        otlp === undefined
          ? { otlp: INSIDE_OTLP, command: [INSIDE.node, INSIDE.hook], token: false }
          : { otlp, command: [process.execPath, HOOK_SCRIPT], token: true };
      printJson(cli.io, claudeCodeSettings(target));
    });
  withExample(
    command,
    'run -- claude --settings "$(npx --no vitrine shim claude-code --print-settings)"',
    'shim claude-code --print-settings --otlp http://127.0.0.1:4318 > .claude/settings.json',
  );
};
