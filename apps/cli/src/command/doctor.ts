/** `doctor`: what this machine has, what it lacks, and the line that fixes it. */
import { absoluteDataDir } from '../config.ts';
import { printJson } from '../print/io.ts';
import { printTable } from '../print/table.ts';
import { plain } from '../print/text.ts';
import { examine, type Finding } from '../system/doctor.ts';
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
      for (const [fix, checks] of fixesOf(findings)) {
        io.out(plain(`fix ${checks.join(', ')}: ${fix}`));
      }
    });
  withExample(withJson(withData(command)), 'doctor');
};

/** Each fix once, with all that it is for. */
export function fixesOf(findings: Finding[]): Map<string, string[]> {
  const fixes = new Map<string, string[]>();
  for (const { check, fix } of findings) {
    if (fix !== undefined) fixes.set(fix, [...(fixes.get(fix) ?? []), check]);
  }
  return fixes;
}
