/** Connectors, their tests and their dead letters, as a person reads them. */
import type {
  ConnectorItem,
  DeadLetter,
  DryRun,
  ShownBody,
  TestReport,
  TestStep,
} from '@vitrine/schema/api';
import { timeOf } from './event.ts';
import type { Io } from './io.ts';
import { type Column, printTable } from './table.ts';
import { plain } from './text.ts';

const MS_IN_SECOND = 1_000;

/** On a terminal errors stand below the table, with what to do; in a pipe, in their row. */
export function printConnectors(io: Io, items: ConnectorItem[]): void {
  const columns = connectorColumns(io);
  const empty = 'no connectors are configured in vitrine.yaml; docs/guides/connectors.md says how';
  printTable(io, io.tty ? columns : [...columns, ...errorColumns], items, empty);
  if (!io.tty) return;
  for (const { name, pausedBy, pausedReason, lastError, lastErrorHint } of items) {
    if (pausedBy === 'person') io.out(plain(`${name}: paused by a person: ${pausedReason}`));
    if (lastError !== null) io.out(plain(`${name}: ${lastError}`));
    if (lastErrorHint !== null) io.out(plain(`  hint: ${lastErrorHint}`));
  }
}

function connectorColumns(io: Io): Column<ConnectorItem>[] {
  const time = timeOf(io);
  return [
    { name: 'name', cell: (c) => c.name },
    { name: 'type', cell: (c) => c.type },
    { name: 'state', cell: (c) => (c.pausedBy === 'person' ? 'paused by a person' : c.state) },
    { name: 'waiting', cell: (c) => String(c.lag), right: true },
    { name: 'lag s', cell: (c) => (c.lagMs / MS_IN_SECOND).toFixed(1), right: true },
    { name: 'delivered', cell: (c) => String(c.delivered), right: true },
    { name: 'failed', cell: (c) => String(c.failed), right: true },
    { name: 'dead', cell: (c) => String(c.dead), right: true },
    { name: 'means', cell: (c) => GUARANTEES[c.guarantee] },
    { name: 'last success', cell: (c) => atMs(time, c.lastSuccessAt) },
  ];
}

/** What "delivered" means with a connector. */
const GUARANTEES: Record<ConnectorItem['guarantee'], string> = {
  answered: 'confirmed',
  settled: 'not refused',
  lossy: 'handed over',
};

const errorColumns: Column<ConnectorItem>[] = [
  { name: 'last error', cell: (c) => c.lastError ?? '-' },
  { name: 'hint', cell: (c) => c.lastErrorHint ?? '-' },
];

function atMs(time: (ns: string) => string, ms: number | null): string {
  return ms === null ? '-' : time(`${ms}000000`);
}

export function printLetters(io: Io, items: DeadLetter[]): void {
  const time = timeOf(io);
  const columns: Column<DeadLetter>[] = [
    { name: 'alert', cell: (l) => l.id },
    { name: 'time', cell: (l) => time(l.at) },
    { name: 'leaf', cell: (l) => String(l.index), right: true },
    { name: 'rule', cell: (l) => l.rule },
    { name: 'session', cell: (l) => l.session, max: 28 },
    { name: 'attempts', cell: (l) => String(l.attempts), right: true },
    { name: 'reason', cell: (l) => l.reason },
  ];
  printTable(io, columns, items, 'no dead letters');
}

export function printStep(io: Io, { step, ok, ms, detail }: TestStep): void {
  io.out(plain(`${step.padEnd(8)}  ${ok ? 'ok    ' : 'failed'}  ${ms} ms  ${detail}`));
}

export function verdictOf({ ok, confirmed, alert }: TestReport): string {
  if (!ok) return `test alert ${alert} was not taken`;
  if (confirmed) return `test alert ${alert} was taken: the destination confirmed it`;
  return `test alert ${alert} was sent, not confirmable: look for it at the destination`;
}

/** Each request as HTTP writes it, its body unpacked; of a stream, where it goes and with what. */
export function printDryRun(io: Io, { requests, message }: DryRun): void {
  for (const { step, method, url, headers, ...body } of requests) {
    io.out(io.strong(plain(`${step}: ${method} ${url}`)));
    printBody(io, headers, body);
  }
  if (message === null) return;
  io.out(io.strong(plain(`send: ${message.to}`)));
  printBody(io, message.details, message);
}

function printBody(
  io: Io,
  head: Record<string, string>,
  { body, encoding, bytes }: ShownBody,
): void {
  for (const [name, value] of Object.entries(head)) io.out(plain(`${name}: ${value}`));
  io.out('');
  if (bytes === 0) return;
  if (encoding === 'base64') io.out(io.faint(`${bytes} bytes that are no text, as base64:`));
  for (const line of body.trimEnd().split('\n')) io.out(plain(line));
  io.out('');
}
