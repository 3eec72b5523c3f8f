/** How a session is put into words. */
import type { SessionItem } from '../../lib/api/types.ts';

const REASONS: Record<string, string> = {
  runtime: 'its runtime said that it ended',
  idle: 'nothing came for an hour',
  host: 'the process that ran it is gone',
};

/** Why it is closed, for a title; `undefined` while it is open. */
export function closedText({ state, reason }: SessionItem): string | undefined {
  if (state === 'open') return undefined;
  return `Closed: ${REASONS[reason ?? ''] ?? reason ?? 'no reason given'}`;
}

/** The name of the host, or what else it is known by. */
export function hostText({ host }: SessionItem): string {
  return host?.name ?? host?.ip ?? host?.id ?? '';
}

export function countText(count: number): string {
  return count.toLocaleString('en-US');
}
