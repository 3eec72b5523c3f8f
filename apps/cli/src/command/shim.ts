/** `shim`: one of our shims as a process of its own, on this terminal's input and output. */
import { type Register, withExample } from './context.ts';

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
};
