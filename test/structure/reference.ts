/**
 * The parts of the reference pages that are made from code: commands, routes and limits. A page
 * holds each between two comments; a test compares, `write-reference.ts` writes.
 */
import { buildProgram } from '../../apps/cli/src/main.ts';
import { routes } from '../../apps/collector/src/api/routes/index.ts';
import { loadRules, shippedRules } from '../../packages/detect/src/index.ts';
import { QUERY_FIELDS } from '../../packages/schema/src/query/fields.ts';
import { SOURCES } from '../../packages/shim/src/registry.ts';
import type { Command } from './commands.ts';
import { connectorPages } from './connectors.ts';
import { dialectsText } from './dialects.ts';
import type { Node, SourceFile, Tree } from './tree.ts';

const LIMITS = 'packages/schema/src/limits.ts';

/** Path of a page to the name and text of its made part. */
export function madeParts(tree: Tree): Record<string, { name: string; text: string }> {
  const limits = tree.file(LIMITS);
  if (limits === undefined) throw new Error(`${LIMITS} is missing`);
  return {
    'docs/reference/cli.md': { name: 'commands', text: commandsText() },
    'docs/reference/api.md': { name: 'routes', text: routesText() },
    'docs/reference/sources.md': { name: 'sources', text: sourcesText() },
    'docs/reference/rules.md': { name: 'rules', text: rulesText() },
    'docs/reference/normalise.md': { name: 'dialects', text: dialectsText() },
    'docs/reference/query.md': { name: 'fields', text: queryFieldsText() },
    ...connectorPages(),
    'docs/reference/limits.md': { name: 'limits', text: limitsText(limits) },
  };
}

/** The page with its made part replaced; throws when the page has no place for it. */
export function withPart(page: string, name: string, text: string): string {
  const open = `<!-- ${name}: made by test/structure/write-reference.ts -->`;
  const close = '<!-- end -->';
  const from = page.indexOf(open);
  const to = page.indexOf(close, from);
  if (from < 0 || to < 0) throw new Error(`the page has no part ${name}: ${open} … ${close}`);
  return `${page.slice(0, from + open.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/** The command line as it is, without a terminal. */
export function program(): Command {
  const io = { out: () => {}, err: () => {}, progress: () => {}, tty: false, columns: 80 };
  return buildProgram({ io, exit: () => {} } as never);
}

function commandsText(): string {
  return program()
    .commands.flatMap((command) => commandText(command, 'vitrine'))
    .join('\n\n');
}

function commandText(command: Command, parent: string): string[] {
  const name = `${parent} ${command.name()}`;
  const subs = command.commands.flatMap((sub) => commandText(sub, name));
  const positional = command.registeredArguments.map((argument) => {
    const shown = argument.variadic ? `${argument.name()}…` : argument.name();
    const form = argument.required ? `<${shown}>` : `[${shown}]`;
    return `| \`${form}\` | ${cell(argument.description)} |`;
  });
  const options = command.options.map((option) => {
    const words = option.argChoices === undefined ? '' : `; one of ${option.argChoices.join(', ')}`;
    const preset = option.defaultValue === undefined ? '' : ` (default ${option.defaultValue})`;
    const must = option.mandatory ? ' (required)' : '';
    const flags = option.flags.replaceAll('|', '\\|');
    return `| \`${flags}\` | ${cell(option.description)}${words}${preset}${must} |`;
  });
  const rows = [...positional, ...options];
  const table =
    rows.length === 0 ? '' : `\n\n| given | meaning |\n| --- | --- |\n${rows.join('\n')}`;
  return [`### ${name}\n\n${sentence(command.description())}${table}`, ...subs];
}

function routesText(): string {
  const rows = routes
    .toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
    .map(({ method, path, summary }) => `| \`${method} ${path}\` | ${cell(summary)} |`);
  return ['| route | what it does |', '| --- | --- |', ...rows].join('\n');
}

function sortKey({ path, method }: (typeof routes)[number]): string {
  return `${path} ${method}`;
}

function sourcesText(): string {
  const rows = SOURCES.map(({ name, vantage, sees, kinds, guide }) => {
    const shown = kinds.map((kind) => `\`${kind}\``).join(' ');
    return `| [\`${name}\`](../guides/${guide}.md) | ${vantage} | ${cell(sees)} | ${shown} |`;
  });
  return ['| source | vantage | sees | kinds |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function rulesText(): string {
  const rows = loadRules(shippedRules()).rules.map(({ id, file, title, level, tags, needs }) => {
    const techniques = tags.flatMap(
      (tag) => /^(?:attack|atlas)\.((?:t|aml\.t)\d.*)$/.exec(tag)?.[1] ?? [],
    );
    const one = needs.map((names) => names.join(' or ')).join('; ');
    const link = `[\`${id}\`](../../packages/detect/rules/${file})`;
    const about = techniques.map((name) => name.toUpperCase()).join(' ');
    return `| ${link} | ${level} | ${cell(title)} | ${about} | ${one} |`;
  });
  const head = '| rule | level | fires when | ATT&CK, ATLAS | needs |';
  return [head, '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

const FIELD_TYPES = { text: 'text', number: 'number', time: 'time', severity: 'word or rank' };

function queryFieldsText(): string {
  const rows = QUERY_FIELDS.map(({ name, type, paths = [], means }) => {
    const shown =
      type === 'member' ? paths.map((path) => `\`${path}\``).join(' ') : FIELD_TYPES[type];
    return `| \`${name}\` | ${cell(means)} | ${shown} |`;
  });
  return [
    '| field | what it is | type, or the members it asks |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function limitsText(file: SourceFile): string {
  const rows = (file.program.body as Node[]).map((node) => {
    const declared = (node.declaration as Node).declarations as Node[];
    const { id, init } = declared[0]!;
    const value = file.text.slice((init as Node).start, (init as Node).end);
    return `| \`${(id as Node).name}\` | ${value.replaceAll('_', ',')} | ${reasonOf(file, node)} |`;
  });
  return ['| limit | value | reason |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The doc comment right above a declaration, as one line. */
function reasonOf(file: SourceFile, node: Node): string {
  const before = file.text.slice(0, node.start);
  const comment = before.slice(before.lastIndexOf('/**'));
  return cell(comment.replaceAll(/^\s*(\/\*\*|\*\/|\*)|\*\/\s*$/gm, ' ').replaceAll(/\s+/g, ' '));
}

function cell(text: string): string {
  return text.trim().replaceAll('|', '\\|').replaceAll('<', '\\<');
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return `${capital.replaceAll('<', '\\<')}${/[.!?]$/.test(text) ? '' : '.'}`;
}
