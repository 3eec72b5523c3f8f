/** `rules`: what detection looks for, from a file on its way to the rules of a running system. */
import type { RuleItem } from '@vitrine/schema/api';
import type { Command } from 'commander';
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
import { addBacktest } from './rules-backtest.ts';
import { addExplain } from './rules-explain.ts';
import { addLint } from './rules-lint.ts';
import { addTest } from './rules-test.ts';

type RulesOptions = DataOption & { json?: true };

export const addRules: Register = (program, cli) => {
  const rules = program.command('rules').description('write, check, try and list detection rules');
  addList(rules, cli);
  addReload(rules, cli);
  addLint(rules, cli);
  addTest(rules, cli);
  addExplain(rules, cli);
  addBacktest(rules, cli);
};

function addList(rules: Command, { io }: Cli): void {
  const list = rules
    .command('list')
    .description('list the rules of the running system and the files it refused')
    .action(async (options: RulesOptions) => {
      const answer = await clientOf(options).rules();
      if (options.json) return printJson(io, answer);
      printTable(io, columns, answer.items, 'no rules are loaded');
      for (const { file, code, reason } of answer.refused) {
        io.err(plain(`refused ${file}: ${code}: ${reason}`));
      }
    });
  withExample(withJson(withData(list)), 'rules list');
}

const columns: Column<RuleItem>[] = [
  { name: 'id', cell: (rule) => rule.id },
  { name: 'severity', cell: (rule) => rule.severity },
  { name: 'state', cell: (rule) => rule.state },
  { name: 'status', cell: (rule) => rule.status },
  { name: 'missing', cell: ({ missing }) => missing.map((names) => names.join(' or ')).join('; ') },
  { name: 'kinds', cell: ({ kinds }) => kindsShown(kinds), max: 24 },
  { name: 'att&ck v19', cell: ({ tags }) => techniquesOf(tags).join(' ') },
  { name: '24 h', cell: ({ alerts_24h }) => String(alerts_24h), right: true },
  { name: 'title', cell: (rule) => rule.title },
];

function kindsShown(kinds: string[] | null): string {
  return kinds === null ? 'all' : kinds.map((k) => (k.endsWith('.') ? `${k}*` : k)).join(' ');
}

/** `attack.t1567` as `T1567`; tactics are left out. */
function techniquesOf(tags: string[]): string[] {
  return tags.flatMap(
    (tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/.exec(tag)?.[1]?.toUpperCase() ?? [],
  );
}

function addReload(rules: Command, { io }: Cli): void {
  const reload = rules
    .command('reload')
    .description('take the rule files as they are now, all or none; the log says what changed')
    .action(async (options: RulesOptions) => {
      const change = await clientOf(options).reloadRules();
      if (options.json) return printJson(io, change);
      const { count, hash, ...lists } = change;
      for (const word of ['added', 'removed', 'changed'] as const) {
        for (const id of lists[word]) io.out(plain(`${word} ${id}`));
      }
      const ran = lists.added.length + lists.removed.length + lists.changed.length === 0;
      // The folder is followed: what was put there may run before anybody asks.
      io.err(`${count} rule files, set ${hash.slice(0, 16)}${ran ? '; they run already' : ''}`);
    });
  withExample(withJson(withData(reload)), 'rules reload');
}
