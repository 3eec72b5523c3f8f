/**
 * Turns what detection found into a record of `log/alert`. The same finding has the same id, and is
 * written once.
 */
import { ChainError } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import type { BatchDraft } from './draft.ts';

/** An alert as detection drafts it: members of the record, `id` and `subject` among them. */
export type AlertInput = JsonObject & { id: string; subject: string };

export function applyAlert(draft: BatchDraft, alert: AlertInput, t: string): void {
  const { alertIds } = draft.state;
  const known = alertIds.get(alert.subject) ?? new Set<string>();
  if (known.has(alert.id)) return;
  // Of a session that has closed meanwhile nothing is kept: nothing can raise it again.
  if (draft.state.sessions.has(alert.subject)) alertIds.set(alert.subject, known.add(alert.id));
  try {
    draft.own('alert', 'alert', t, alert);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    const { id, subject } = alert;
    draft.own('audit', 'broken', t, { came: { alert: id, subject }, reason: error.message });
  }
}
