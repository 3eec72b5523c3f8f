/** `rules explain`: what a rule needs and asks, and what it says of one event. */
import type {
  LineVerdict,
  PartVerdict,
  Rule,
  RuleLine,
  RuleOutline,
  RulePart,
} from '@vitrine/detect';
import type { Json, JsonObject } from '@vitrine/schema';
import type { EventItem } from '@vitrine/schema/api';
import type { Command } from 'commander';
import type { Client } from '../client/client.ts';
import { CliError } from '../error.ts';
import { type Io, printJson } from '../print/io.ts';
import { printPairs } from '../print/table.ts';
import { plain } from '../print/text.ts';
import { type Cli, clientOf, type DataOption, withData, withExample, withJson } from './context.ts';

interface ExplainOptions extends DataOption {
  json?: true;
  event?: { log: string; index: number };
}

type Words = (line: RuleLine) => string;

const FOUND_CHARS_SHOWN = 120;

export function addExplain(rules: Command, { io }: Cli): void {
  const explain = rules
    .command('explain')
    .argument('<rule>', 'id of a rule that runs, or a file')
    .description('say what a rule needs and asks; of an event, which line held and which did not')
    .option('--event <log/index>', 'an event of the running system', leafOf)
    .action(async (given: string, options: ExplainOptions) => {
      const [{ judgeEvent, outlineRule }, { findRules }, { lineWords }] = await Promise.all([
        import('@vitrine/detect'),
        import('../rules/find.ts'),
        import('../rules/words.ts'),
      ]);
      const client = (): Client => clientOf(options);
      const rules = await findRules(given, client);
      const { event } = options;
      const asked = event === undefined ? undefined : await eventOf(client(), event);
      const explained = rules.map((rule) => {
        const judged =
          asked === undefined ? undefined : judgeEvent(rule.text, asked.item, asked.open);
        return { rule, outline: outlineRule(rule.text), judged };
      });
      if (options.json) {
        const items = explained.map(({ rule, outline, judged }) => {
          return { id: rule.id, title: rule.title, level: rule.level, ...outline, event: judged };
        });
        return printJson(io, { items });
      }
      for (const { rule, outline, judged } of explained) {
        if (judged === undefined || asked === undefined) printRule(io, rule, outline, lineWords);
        else printJudged(io, rule, asked.item, judged, lineWords);
      }
    });
  withExample(
    withJson(withData(explain)),
    'rules explain EGR-001',
    'rules explain my-rules/ABC-001.yml --event default.0.1/4711',
  );
}

function leafOf(text: string): { log: string; index: number } {
  const [, log, index] = /^([a-z0-9.-]+)\/(\d{1,15})$/.exec(text) ?? [];
  if (log !== undefined && index !== undefined) return { log, index: Number(index) };
  throw new CliError('USAGE', '--event must be LOG/INDEX, such as default.0.1/4711');
}

/** An event, and the record that opened its session: rules ask that too. */
async function eventOf(client: Client, { log, index }: { log: string; index: number }) {
  const item = await client.event(log, index);
  const query = { session: item.session, kind: 'open', limit: 1, order: 'asc' } as const;
  const opened = item.session === 'log' ? [] : (await client.events(query)).items;
  return { item, open: opened[0]?.record };
}

function printRule(io: Io, rule: Rule, outline: RuleOutline, words: Words): void {
  io.out(plain(`${io.strong(`${rule.id}  ${rule.title}`)}  (${rule.level})`));
  const pairs: [string, string][] = [
    ['about', rule.description ?? ''],
    ['needs', rule.needs.map((names) => names.join(' or ')).join(', and ')],
    ['says', rule.what],
    ['to do', rule.todo],
    ['may also be', rule.falsepositives.join(' ')],
    ['tags', rule.tags.join(' ')],
  ];
  printPairs(
    io,
    pairs.filter(([, text]) => text !== ''),
  );
  for (const part of outline.parts) printPart(io, part, words);
  for (const [name, block] of Object.entries(outline.stateful)) {
    const { of: _, until: __, heard: ___, ...times } = block as JsonObject;
    io.out(plain(`${name}  ${JSON.stringify(times)}`));
  }
  for (const correlation of outline.correlations) {
    io.out(plain(`correlation  ${JSON.stringify(correlation)}`));
  }
}

function printPart(io: Io, part: RulePart, words: Words): void {
  const { name, kinds, vantage, condition, selections } = part;
  const asked = kinds === null ? 'events of all kinds' : kinds.map(kindWords).join(', ');
  const seen = vantage === null ? '' : `, seen from ${vantage} or further out`;
  io.out(plain(`${name}  ${asked}${seen}, where ${condition}`));
  for (const { name, alternatives } of selections) {
    for (const [i, lines] of alternatives.entries()) {
      io.out(plain(`  ${i === 0 ? name : `or, for ${name}`}`));
      for (const line of lines) io.out(plain(`    ${words(line)}`));
    }
  }
}

function kindWords(kind: string): string {
  return kind.endsWith('.') ? `${kind}*` : kind;
}

function printJudged(
  io: Io,
  rule: Rule,
  item: EventItem,
  parts: PartVerdict[],
  words: Words,
): void {
  const place = `${item.log}/${item.index}`;
  io.out(plain(`${rule.id} of ${place}: ${item.kind} in ${item.session}`));
  for (const part of parts) {
    io.out(plain(`${part.name}  ${sentenceOf(part, item)}`));
    for (const { name, held, alternatives } of part.selections) {
      io.out(plain(`  ${mark(held)}  ${name}`));
      for (const lines of held ? alternatives.filter(isWhole) : alternatives) {
        for (const line of lines)
          io.out(plain(`    ${mark(line.held)}  ${lineWithFound(line, words)}`));
      }
    }
  }
}

function sentenceOf({ held, kindHeld, vantageHeld }: PartVerdict, item: EventItem): string {
  if (!kindHeld) return `does not look at ${item.kind}`;
  if (!vantageHeld) return `does not take the word of ${item.vantage || 'nobody'}`;
  return held ? 'holds' : 'does not hold';
}

function isWhole(lines: LineVerdict[]): boolean {
  return lines.every(({ held }) => held);
}

function lineWithFound(line: LineVerdict, words: Words): string {
  if (line.field === '') return words(line);
  const found = line.found === undefined ? 'the event has none' : `found ${shown(line.found)}`;
  return `${words(line)}; ${found}`;
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= FOUND_CHARS_SHOWN ? text : `${text.slice(0, FOUND_CHARS_SHOWN)}…`;
}

function mark(held: boolean): string {
  return held ? 'yes' : 'no ';
}
