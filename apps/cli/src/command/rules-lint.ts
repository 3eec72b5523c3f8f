/** `rules lint`: every fault of rule files, before they run. */
import { join } from 'node:path';
import type { LintFinding } from '@vitrine/detect';
import type { Command } from 'commander';
import { absoluteDataDir } from '../config.ts';
import { printJson } from '../print/io.ts';
import { plain } from '../print/text.ts';
import { type Cli, type DataOption, withData, withExample, withJson } from './context.ts';

export function addLint(rules: Command, cli: Cli): void {
  const { io } = cli;
  const lint = rules
    .command('lint')
    .argument('[path...]', 'files, or folders of them (default: rules of the data directory)')
    .description('say what would be refused and what is only poor; ends with 1 on an error')
    .action(async (given: string[], options: DataOption & { json?: true }) => {
      const [{ lintRules, shippedRules }, { readRulePaths }] = await Promise.all([
        import('@vitrine/detect'),
        import('../system/rule-files.ts'),
      ]);
      const paths = given.length > 0 ? given : [join(absoluteDataDir(options.data), 'rules')];
      const { files, pathOf } = readRulePaths(paths);
      const findings = lintRules(files, shippedRules()).map((one) => ({
        path: pathOf(one.file),
        ...one,
      }));
      const errors = findings.filter((finding) => finding.level === 'error').length;
      if (errors > 0) cli.exit(1);
      if (options.json) return printJson(io, { paths, files: files.length, findings });
      for (const finding of findings) for (const line of linesOf(finding)) io.out(plain(line));
      io.err(`${files.length} rules, ${errors} errors, ${findings.length - errors} warnings`);
    });
  withExample(
    withJson(withData(lint)),
    'rules lint',
    'rules lint my-rules/ABC-001.yml other-rules',
  );
}

function linesOf(finding: LintFinding & { path: string; hint?: string }): string[] {
  const { path, level, code, message, hint = '' } = finding;
  const said = `${path}: ${level} ${code}: ${message}`;
  return hint === '' ? [said] : [said, `  hint: ${hint}`];
}
