/** What was done with an alert, in words. */
import type { ActItem } from '@vitrine/schema/api';

export const VERDICTS = [
  ['true_positive', 'It happened, and should not have.'],
  ['benign_positive', 'It happened, and was allowed.'],
  ['false_positive', 'It did not happen.'],
] as const;

/** `true_positive` as a person says it. */
export function verdictText(verdict: string): string {
  return verdict.replace('_', ' ');
}

type Standing = Pick<ActItem, 'state' | 'assignee' | 'verdict'>;

/** What differs from the act before; an act that changes nothing is a comment. */
export function deedOf(act: Standing, before: Standing | undefined): string {
  const [state, assignee] = [before?.state ?? 'open', before?.assignee ?? null];
  const deeds: string[] = [];
  if (act.state !== state) {
    if (act.state === 'open') deeds.push(state === 'closed' ? 'reopened' : 'put back');
    else if (act.state === 'acknowledged') deeds.push('acknowledged');
    else deeds.push(`closed as ${verdictText(act.verdict ?? 'unknown')}`);
  }
  if (act.assignee !== assignee) {
    deeds.push(act.assignee === null ? 'assigned to nobody' : `assigned to ${act.assignee}`);
  }
  return deeds.length === 0 ? 'commented' : deeds.join(', ');
}
