/** What the page says of connectors, their settings and what was done with them. */
import type { ConnectorItem, TestReport } from '@vitrine/schema/api';
import { durationText } from '../../lib/time.ts';

/** What "delivered" means with it. */
export const GUARANTEE_WORDS: Record<ConnectorItem['guarantee'], string> = {
  answered: 'the destination said that it has it',
  settled: 'it was written and not refused; this protocol has no acknowledgement',
  lossy: 'it was handed to the network; nobody knows whether it arrives',
};

export type Standing = 'paused' | 'held' | 'retrying' | 'running' | 'stopped';

/** `held`: a person wants it so. */
export function standingOf({ state, pausedBy }: ConnectorItem): Standing {
  return pausedBy === 'person' ? 'held' : state;
}

export const STANDING_WORDS: Record<Standing, string> = {
  held: 'paused',
  paused: 'refused',
  retrying: 'retrying',
  running: 'running',
  stopped: 'stopped',
};

/** One sentence on why nothing goes out; empty where all goes well. */
export function standingText(connector: ConnectorItem): string {
  switch (standingOf(connector)) {
    case 'held':
      return 'A person paused it. Nothing is sent and nothing is lost until it is resumed.';
    case 'paused':
      return (
        'The destination refuses it for a reason that a person can repair. Nothing is lost; ' +
        'it tries again now and then, and at once when a secret changes.'
      );
    case 'retrying':
      return 'The destination does not answer. It is tried again until it does.';
    case 'stopped':
      return 'The collector is stopping.';
    case 'running':
      return '';
  }
}

/** `1,200 for 4.2 s`: how many wait, and since when the oldest does. */
export function lagText({ lag, lagMs }: ConnectorItem): string {
  return lag === 0 ? 'nothing' : `${lag.toLocaleString('en-US')} for ${durationText(lagMs)}`;
}

/** The last error without its hint, which stands beside it. */
export function causeText({ lastError, lastErrorHint }: ConnectorItem): string {
  const end = `; ${lastErrorHint}`;
  if (lastError === null) return '';
  return lastError.endsWith(end) ? lastError.slice(0, -end.length) : lastError;
}

/** A setting as a line: a secret says where it is, a list its members. */
export function settingText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(settingText).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  const { env, file } = value as Record<string, unknown>;
  if (typeof env === 'string') return `secret in the environment variable ${env}`;
  if (typeof file === 'string') return `secret in the file ${file}`;
  return Object.entries(value)
    .map(([name, member]) => `${name}: ${settingText(member)}`)
    .join(', ');
}

export function verdictText({ ok, confirmed }: TestReport): string {
  if (!ok) return 'The test alert was not taken.';
  if (confirmed) return 'The test alert was taken: the destination confirmed it.';
  return 'The test alert was sent. Nobody can confirm it: look for it at the destination.';
}

export function countText(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
