/** One alert as a block that a person can act on. */
import {
  alertLink,
  isObject,
  isVantage,
  type JsonObject,
  readPath,
  type Vantage,
} from '@vitrine/schema';
import type { EventItem } from '@vitrine/schema/api';
import { textAt, timeOf } from './event.ts';
import type { Io } from './io.ts';
import { plain, wrap } from './text.ts';

const LABEL_CHARS = 10;
const BLOCK_CHARS_MAX = 100;

/**
 * Prints the block. `dashboard` is where its link leads; `notes` are further lines at its end, by
 * label.
 */
export function printAlert(
  io: Io,
  item: EventItem,
  dashboard?: string,
  notes: [string, string][] = [],
): void {
  const severity = textAt(item, 'severity');
  io.out(io.alarm(`ALERT  ${severity}  ${plain(textAt(item, 'title'))}`));
  const lines: [string, string][] = [
    ['rule', textAt(item, 'rule')],
    ['session', textAt(item, 'subject')],
    ['seen by', seenBy(textAt(item, 'vantage'))],
    ['host', hostOf(item.record)],
    ['when', timeOf(io)(item.t)],
    ['what', textAt(item, 'what')],
    ['to do', textAt(item, 'todo')],
    ...evidenceOf(item.record).map((text): [string, string] => ['evidence', text]),
    ['alert', `leaf ${item.index} of ${item.log}`],
    ...linkOf(item, dashboard),
    ...notes,
  ];
  for (const [label, text] of lines) {
    const width = Math.min(io.columns, BLOCK_CHARS_MAX) - LABEL_CHARS - 2;
    const [first, ...rest] = io.tty ? wrap(plain(text), width) : [plain(text)];
    io.out(`  ${io.faint(label.padEnd(LABEL_CHARS))}${first}`);
    for (const line of rest) io.out(`  ${' '.repeat(LABEL_CHARS)}${line}`);
  }
}

/** Who could have lied about it. */
const VANTAGE_WORDS: Record<Vantage, string> = {
  agent: 'the agent itself: anything in the sandbox could have said it',
  guest: 'an observer inside the sandbox, under another user',
  boundary: 'a witness at the edge of the sandbox, out of the reach of the agent',
  host: 'the kernel of the host, out of the reach of the agent',
};

function seenBy(vantage: string): string {
  return isVantage(vantage) ? `${vantage}: ${VANTAGE_WORDS[vantage]}` : vantage;
}

function hostOf(record: JsonObject): string {
  const name = readPath(record, 'host.name');
  const pid = readPath(record, 'host.process.pid');
  if (typeof name !== 'string') return '-';
  const vendor = readPath(record, 'host.edr.vendor');
  const device = readPath(record, 'host.edr.device_id');
  return [
    name,
    ...(typeof pid === 'number' ? [`process ${pid}`] : []),
    ...(typeof vendor === 'string' && typeof device === 'string' ? [`${vendor} ${device}`] : []),
  ].join(', ');
}

function linkOf({ index }: EventItem, dashboard: string | undefined): [string, string][] {
  return dashboard === undefined ? [] : [['look', alertLink(dashboard, index)]];
}

function evidenceOf(record: JsonObject): string[] {
  const { evidence } = record;
  if (!Array.isArray(evidence)) return [];
  return evidence.filter(isObject).map((e) => `leaf ${e.index} of ${e.log}, ${e.leaf}`);
}
