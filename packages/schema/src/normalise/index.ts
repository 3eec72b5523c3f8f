/**
 * Records of the log in the dialects of other people's tools: pure functions that never throw,
 * whatever a record holds, and whose results are bounded (`limits.ts`).
 */
import type { JsonObject } from '../json.ts';
import { CEF_LINE_BYTES_MAX, LEEF_LINE_BYTES_MAX } from '../limits.ts';
import { cefLine } from './cef.ts';
import { type Dialect, isText, type TextDialect } from './dialects.ts';
import { ecsDocument } from './ecs.ts';
import { type AlertPlace, alertEntry, isAlert, type LogEntry, severityOf } from './entry.ts';
import { leefLine } from './leef.ts';
import { ocsfAlert } from './ocsf/alert.ts';
import { ocsfEvent } from './ocsf/event.ts';

export { DIALECTS, type Dialect, isDialect, isText, type TextDialect } from './dialects.ts';
export { SEVERITIES } from './severity.ts';
export { type AlertPlace, alertEntry, type LogEntry, severityOf };

/** An object, or in CEF and LEEF one line without its end. */
export function normalise(entry: LogEntry, dialect: Dialect): JsonObject | string {
  if (isText(dialect)) return textLine(entry, dialect);
  if (dialect === 'ecs') return ecsDocument(entry);
  return isAlert(entry) ? ocsfAlert(entry) : ocsfEvent(entry);
}

/**
 * One line without its end, for where there is less room than usual. What does not fit is cut and
 * named; longer than `bytesMax` only where not even place, id and session fit.
 */
export function textLine(entry: LogEntry, dialect: TextDialect, bytesMax?: number): string {
  if (dialect === 'cef') return cefLine(entry, bytesMax ?? CEF_LINE_BYTES_MAX);
  return leefLine(entry, bytesMax ?? LEEF_LINE_BYTES_MAX);
}
