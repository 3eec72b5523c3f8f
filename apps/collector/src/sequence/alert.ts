/**
 * Turns what detection found into a record of `log/alert`. The same finding has the same id, and is
 * written once.
 */
import { ChainError } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import type { BatchDraft } from './draft.ts';

/** An alert as detection drafts it: members of the record, `id` and `subject` among them. */
export type AlertInput = JsonObject & { id: string; subject: string };

/** What detection found in a stretch of the log, and where that ends (exclusive). */
export interface Findings {
  alerts: AlertInput[];
  to: number;
}

/** Stretches without alerts are one. */
export function addFindings(findings: Findings[], alerts: AlertInput[], to: number): void {
  const last = findings.at(-1);
  if (last !== undefined && alerts.length === 0) last.to = Math.max(last.to, to);
  else findings.push({ alerts, to });
}

/**
 * Takes the findings of whole stretches, for their alerts commit together with the word that they
 * are read (LOG.md §3): up to `alertsMax`, and one stretch at least.
 */
export function takeFindings(findings: Findings[], alertsMax: number): Findings[] {
  let count = 0;
  let alerts = 0;
  while (count < findings.length) {
    alerts += findings[count]!.alerts.length;
    if (count > 0 && alerts > alertsMax) break;
    count++;
  }
  return findings.splice(0, count);
}

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
