/** `processes`: the processes of a session as a tree, with what each did. */
import { VANTAGES } from '@vitrine/schema';
import type { ProcessCounts, ProcessesAnswer, ProcessItem, ProcessTree } from '@vitrine/schema/api';
import { type Io, printJson } from '../print/io.ts';
import { grouped, plain } from '../print/text.ts';
import {
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';
import { oneOf, wholeNumber } from './options.ts';
import { SEEN_FROM, sayLooked, shortened } from './views.ts';

interface ProcessesOptions extends DataOption {
  json?: true;
  session: string;
  vantage?: string;
  depth: number;
}

const DEPTH_DEFAULT = 8;
const DEPTH_MAX = 1_000;
const EXE_CHARS = 60;

export const addProcesses: Register = (program, { io }) => {
  const command = program
    .command('processes')
    .description('draw the processes of a session as a tree, with what each did')
    .requiredOption('--session <id>', 'the session')
    .option('--vantage <name>', SEEN_FROM, oneOf('--vantage', VANTAGES))
    .option('--depth <n>', 'levels', wholeNumber('--depth', 1, DEPTH_MAX), DEPTH_DEFAULT)
    .action(async (options: ProcessesOptions) => {
      const { session, vantage } = options;
      const found = await clientOf(options).view<ProcessesAnswer>('processes', {
        session,
        vantage,
      });
      if (options.json) return printJson(io, found);
      print(io, found, options.depth);
    });
  withExample(withJson(withData(command)), 'processes --session SESSION');
};

function print(io: Io, tree: ProcessTree, depth: number): void {
  if (tree.processes.length === 0) {
    io.err('no process is told of: shims such as strace and bpftrace tell of them');
    return;
  }
  const children = Map.groupBy(tree.processes, ({ parent }) => parent);
  const observers = Map.groupBy(
    children.get(null) ?? [],
    ({ shim, vantage }) => `${vantage} ${shim}`,
  );
  for (const [observer, roots] of observers) {
    io.out(io.strong(plain(`seen from ${observer}`)));
    for (const line of drawn(roots, children, depth)) io.out(line);
  }
  io.err('r read, w written, d deleted, x denied, e egress, ! alerts; (…) with all below');
  sayRest(io, tree);
}

function sayRest(io: Io, { records, counted, unplaced }: ProcessTree): void {
  if (records.events < records.of) {
    const read = `the first ${grouped(records.events)} of ${grouped(records.of)}`;
    io.err(`made of ${read} records of starts and ends`);
  }
  sayLooked(io, counted);
  if (unplaced.egress > 0)
    io.err(`connections and requests that name no process: ${grouped(unplaced.egress)}`);
  if (unplaced.alerts > 0) io.err(`alerts that name no process: ${grouped(unplaced.alerts)}`);
}

interface Waiting {
  item: ProcessItem;
  prefix: string;
  isLast: boolean;
  level: number;
}

/** Without recursion: a process may have ten thousand ancestors. */
function* drawn(
  roots: readonly ProcessItem[],
  children: ReadonlyMap<number | null, ProcessItem[]>,
  depth: number,
): Generator<string> {
  const waiting: Waiting[] = [];
  const put = (items: readonly ProcessItem[], prefix: string, level: number): void => {
    const last = items.at(-1);
    for (const item of items.toReversed()) {
      waiting.push({ item, prefix, isLast: item === last, level });
    }
  };
  put(roots, '', 1);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { item, prefix, isLast, level } = next;
    yield `${prefix}${isLast ? '└─' : '├─'} ${plain(lineOf(item))}`;
    const below = `${prefix}${isLast ? '   ' : '│  '}`;
    if (level < depth) put(children.get(item.n) ?? [], below, level + 1);
    else if (item.descendants > 0) yield `${below}└─ … ${grouped(item.descendants)} more`;
  }
}

function lineOf(item: ProcessItem): string {
  const { pid, exe, argv, argc, argv_part: hasPart, uid, exit, agents } = item;
  const words = argv.length > 1 ? argv.slice(1).join(' ') : '';
  const count = words === '' && argc !== null && argc > 1 ? `+${argc - 1} words` : words;
  const shown = hasPart && words === '' && count !== '' ? `${count}, in a part` : count;
  const facts = [
    `${pid} ${shortened(exe || '(not seen to start)', EXE_CHARS)}`,
    shown === '' ? '' : `[${shortened(shown, EXE_CHARS)}]`,
    uid === null ? '' : `uid ${uid}`,
    exit === null ? '' : exit.signal === null ? `exit ${exit.code ?? '?'}` : exit.signal,
    countText(item.own),
    item.children === 0 ? '' : `(${countText(item.total) || 'nothing'})`,
    agents.length === 0 ? '' : `put down to agent ${agents.join(', ')}`,
  ];
  return facts.filter((text) => text !== '').join('  ');
}

const SIGNS: [name: keyof ProcessCounts, sign: string][] = [
  ['reads', 'r'],
  ['writes', 'w'],
  ['deletes', 'd'],
  ['denied', 'x'],
  ['egress', 'e'],
  ['alerts', '!'],
];

function countText(counts: ProcessCounts): string {
  return SIGNS.filter(([name]) => counts[name] > 0)
    .map(([name, sign]) => `${sign}${counts[name]}`)
    .join(' ');
}
