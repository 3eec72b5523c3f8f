/** What the agents page says of nodes, in words: the same for the row, the panel and a reader. */
import { durationText } from '../../lib/time.ts';
import type { NodeType, Source, TreeNode } from './tree/node.ts';

export const TYPE_WORDS: Record<NodeType, string> = {
  session: 'session',
  prompt: 'prompt',
  model: 'model',
  tool: 'tool',
  agent: 'subagent',
  note: 'event',
};

/** What both reporters of an agent tell of; of the rest only telemetry can. */
const TOLD_TWICE = new Set<NodeType>(['prompt', 'tool', 'agent']);

/** `hook + telemetry`, `telemetry only`; empty when nobody told of it. */
export function sourceWords({ type, sources }: TreeNode): string {
  const words = sources.map((source) => (source === 'other' ? 'agent' : source));
  const isAlone = words.length === 1 && TOLD_TWICE.has(type) && sources[0] !== 'other';
  return isAlone ? `${words[0]} only` : words.join(' + ');
}

/** A sentence for the panel. */
export function sourceSentence(node: TreeNode): string {
  const { sources, type } = node;
  if (sources.length === 0) return 'No event tells of it; others only name it.';
  if (sources.length > 1) return 'Its hooks and its telemetry both tell of it.';
  if (sources[0] === 'other') return 'The agent itself tells of it.';
  if (!TOLD_TWICE.has(type)) return `Told by ${sources[0]}.`;
  return `Told by ${sources[0]} only: ${SILENT[sources[0] as 'hook']} said nothing of it.`;
}

const SILENT = { hook: 'telemetry', telemetry: 'the hooks' };

export function clockWords(by: Source): string {
  return { hook: "its hooks' clock", telemetry: "telemetry's clock", other: "the agent's clock" }[
    by
  ];
}

const PATH_CHARS_MAX = 32;

/** A long path by its end, which says most: `…/reports/q3.csv`. */
export function shortPath(text: string): string {
  if (text.length <= PATH_CHARS_MAX || !text.startsWith('/')) return text;
  const cut = text.lastIndexOf('/', text.lastIndexOf('/') - 1);
  return cut <= 0 ? text : `…${text.slice(cut)}`;
}

const KB = 1_000;
const MB = 1_000_000;

export function bytesText(bytes: number): string {
  if (bytes < KB) return `${bytes} B`;
  if (bytes < MB) return `${(bytes / KB).toFixed(bytes < 10 * KB ? 1 : 0)} kB`;
  return `${(bytes / MB).toFixed(1)} MB`;
}

/** What went in and came out: bytes of a tool, tokens of a model. */
export function flowText(node: TreeNode): string {
  const { inputBytes, outputBytes, tokensIn, tokensOut, length } = node;
  if (length !== undefined) return `${length} characters`;
  if (tokensIn !== undefined || tokensOut !== undefined) {
    return `${tokensIn ?? '?'} → ${tokensOut ?? '?'} tokens`;
  }
  const size = (bytes: number | undefined): string =>
    bytes === undefined ? '?' : bytesText(bytes);
  if (inputBytes === undefined && outputBytes === undefined) return '';
  return `${size(inputBytes)} → ${size(outputBytes)}`;
}

/** `9 ms`; of a call without an end that it has none. */
export function timeText({ type, durationMs, span }: TreeNode): string {
  if (durationMs !== undefined) return durationText(durationMs);
  return type === 'tool' && span !== undefined ? 'no end seen' : '';
}

/** `2 prompts · 28 model requests · 23 tool calls · 3 subagents` */
export function summaryText(nodes: TreeNode[]): string {
  const counted: [NodeType, string][] = [
    ['prompt', 'prompt'],
    ['model', 'model request'],
    ['tool', 'tool call'],
    ['agent', 'subagent'],
  ];
  return counted
    .map(([type, word]) => {
      const count = nodes.filter((node) => node.type === type).length;
      return `${count} ${word}${count === 1 ? '' : 's'}`;
    })
    .join(' · ');
}
