/**
 * How bad something is, in the words and numbers of each dialect. The only place where one is
 * turned into another.
 */
import type { JsonObject } from '../json.ts';

export type Severity = 'informational' | 'low' | 'medium' | 'high' | 'critical';

/**
 * `ocsf`: `severity_id` of OCSF 1.8.0. `ecs`: `event.severity` as Elastic Security fills it for its
 * own alerts. `cef`: 0 to 10 of ArcSight's Common Event Format.
 */
export const SEVERITIES: Record<Severity, { ocsf: number; ecs: number; cef: number }> = {
  informational: { ocsf: 1, ecs: 1, cef: 1 },
  low: { ocsf: 2, ecs: 21, cef: 3 },
  medium: { ocsf: 3, ecs: 47, cef: 5 },
  high: { ocsf: 4, ecs: 73, cef: 8 },
  critical: { ocsf: 5, ecs: 99, cef: 10 },
};

/** Ranks of ordinary events (`eventSeverity`): nothing, worth a look, loss of sight. */
const RANKS: Severity[] = ['informational', 'low', 'medium'];

/** `medium` for a word that is none: an alert is never made less than it may be. */
export function alertSeverity({ severity }: JsonObject): Severity {
  const known = typeof severity === 'string' && Object.hasOwn(SEVERITIES, severity);
  return known ? (severity as Severity) : 'medium';
}

/** `rank`: the row's severity column. */
export function eventSeverityWord(rank: number): Severity {
  return RANKS[rank] ?? 'medium';
}
