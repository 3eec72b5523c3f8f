/**
 * Turns what detection found into a record of `log/alert`. The same finding has the same id, and is
 * written once.
 */
import type { JsonObject } from '@vitrine/schema';
import type { BatchDraft } from './draft.ts';

/** An alert as detection drafts it: members of the record, `id` and `subject` among them. */
export type AlertInput = JsonObject & { id: string; subject: string };

export function applyAlert(draft: BatchDraft, alert: AlertInput, t: string): void {
  const { alertIds } = draft.state;
  if (alertIds.has(alert.id)) return;
  alertIds.add(alert.id);
  draft.own('alert', 'alert', t, alert);
}
