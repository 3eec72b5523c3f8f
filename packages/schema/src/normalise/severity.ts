/**
 * How bad something is, in the words and numbers of each dialect. The only place where one is
 * turned into another.
 */
import type { JsonObject } from '../json.ts';

export type Severity = 'informational' | 'low' | 'medium' | 'high' | 'critical';

/**
 * `ocsf`: `severity_id` of OCSF 1.8.0. `ecs`: `event.severity` as Elastic Security fills it for its
 * own alerts. `line`: 0 to 10 of ArcSight's CEF, 1 to 10 of QRadar's LEEF. `syslog`: RFC 5424
 * §6.2.1. `otlp`: SeverityNumber of OpenTelemetry's log data model.
 */
export const SEVERITIES: Readonly<
  Record<Severity, { ocsf: number; ecs: number; line: number; syslog: number; otlp: number }>
> = {
  informational: { ocsf: 1, ecs: 1, line: 1, syslog: 6, otlp: 9 },
  low: { ocsf: 2, ecs: 21, line: 3, syslog: 5, otlp: 10 },
  medium: { ocsf: 3, ecs: 47, line: 5, syslog: 4, otlp: 13 },
  high: { ocsf: 4, ecs: 73, line: 8, syslog: 3, otlp: 17 },
  critical: { ocsf: 5, ecs: 99, line: 10, syslog: 2, otlp: 21 },
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
