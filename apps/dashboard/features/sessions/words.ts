/** How a session is put into words. */

import type { SessionItem } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';

/** The reasons of `close` (docs/reference/log.md). */
const REASONS: Record<string, string> = {
  runtime: 'the sandbox is gone',
  end: 'its source said that it ended',
  idle: 'nothing came for an hour',
};

/** Why it is closed, for a title; `undefined` while it is open. */
export function closedText({ state, reason }: SessionItem): string | undefined {
  if (state === 'open') return undefined;
  return `Closed: ${reasonText(reason)}`;
}

/** The name of the host; empty where nobody told of one. */
export function hostText({ host }: SessionItem): string {
  return host?.name ?? '';
}

export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

function reasonText(reason: string | null): string {
  if (reason === null) return 'no reason given';
  return Object.hasOwn(REASONS, reason) ? REASONS[reason]! : plainText(reason);
}
