/** `rules`: check rule files before they run, and list those that do. */
import { join } from 'node:path';
import type { Command } from 'commander';
import type { RuleItem } from '../client/answers.ts';
import { absoluteDataDir } from '../config.ts';
import { printJson } from '../print/io.ts';
import { type Column, printTable } from '../print/table.ts';
import { plain } from '../print/text.ts';
import {
  type Cli,
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';

type RulesOptions = DataOption & { json?: true };

export const addRules: Register = (program, cli) => {
  const rules = program.command('rules').description('check and list detection rules');
  addLint(rules, cli);
  addList(rules, cli);
};

function addLint(rules: Command, cli: Cli): void {
  const { io } = cli;
  const lint = rules
    .command('lint')
    .argument('[path]', 'directory of rules, or one (default: rules of the data directory)')
    .description('say what would be refused and what is only poor; ends with 1 on an error')
    .action(async (given: string | undefined, options: RulesOptions) => {
      const [{ lintRules }, { readRuleFiles }] = await Promise.all([
        import('@vitrine/detect'),
        import('../system/rule-files.ts'),
      ]);
      const dir = given ?? join(absoluteDataDir(options.data), 'rules');
      const files = readRuleFiles(dir);
      const findings = lintRules(files);
      const errors = findings.filter((finding) => finding.level === 'error').length;
      if (errors > 0) cli.exit(1);
      if (options.json) return printJson(io, { dir, files: files.length, findings });
      for (const { file, level, code, message } of findings) {
        const path = dir.endsWith(file) ? dir : join(dir, file);
        io.out(plain(`${path}: ${level} ${code}: ${message}`));
      }
      io.err(`${files.length} rules, ${errors} errors, ${findings.length - errors} warnings`);
    });
  withExample(withJson(withData(lint)), 'rules lint', 'rules lint my-rules');
}

function addList(rules: Command, { io }: Cli): void {
  const list = rules
    .command('list')
    .description('list the rules of the running system and the files it refused')
    .action(async (options: RulesOptions) => {
      const { items, refused } = await clientOf(options).rules();
      if (options.json) return printJson(io, { items, refused });
      printTable(io, columns, items, 'no rules are loaded');
      for (const { file, code, reason } of refused) {
        io.err(plain(`refused ${file}: ${code}: ${reason}`));
      }
    });
  withExample(withJson(withData(list)), 'rules list');
}

const columns: Column<RuleItem>[] = [
  { name: 'id', cell: (rule) => rule.id },
  { name: 'level', cell: (rule) => rule.level },
  { name: 'state', cell: (rule) => rule.state },
  { name: 'needs', cell: ({ missing }) => missing.map((names) => names.join(' or ')).join('; ') },
  { name: 'title', cell: (rule) => rule.title },
];
