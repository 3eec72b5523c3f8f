/** `doctor`: what this machine has, what it lacks, and the line that fixes it. */
import { absoluteDataDir } from '../config.ts';
import { printJson } from '../print/io.ts';
import { printTable } from '../print/table.ts';
import { examine } from '../system/doctor.ts';
import { type DataOption, type Register, withData, withExample, withJson } from './context.ts';

export const addDoctor: Register = (program, cli) => {
  const { io } = cli;
  const command = program
    .command('doctor')
    .description('check Node, the store engine, the sandbox tools, ports, disk, the running system')
    .action(async (options: DataOption & { json?: true }) => {
      const findings = await examine(absoluteDataDir(options.data));
      if (findings.some((f) => f.state === 'fail')) cli.exit(1);
      if (options.json) return printJson(io, findings);
      const columns = [
        { name: 'check', cell: (f: (typeof findings)[number]) => f.check },
        { name: 'state', cell: (f: (typeof findings)[number]) => f.state },
        { name: 'found', cell: (f: (typeof findings)[number]) => f.found },
      ];
      printTable(io, columns, findings, '');
      for (const { check, fix } of findings) {
        if (fix !== undefined) io.out(`${check}: ${fix}`);
      }
    });
  withExample(withJson(withData(command)), 'doctor');
};
