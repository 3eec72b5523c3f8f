/**
 * Export requests as events: one for each log record, span and metric, nothing dropped. The order
 * of the request is kept.
 */
import { isClaudeCode } from '../claude-code/source.ts';
import { takeClaudeCodeMetric } from '../claude-code/telemetry.ts';
import type { SandboxEvent } from '../event.ts';
import { EventDraft, readNames } from './draft.ts';
import { cutName } from './fields.ts';
import { logEvent } from './log-event.ts';
import { METRIC_DATA } from './message.ts';
import { attributesOf } from './message-value.ts';
import { isMessage, type OtlpExport, type OtlpJson, type OtlpMessage } from './model.ts';
import { type Origin, originOf } from './origin.ts';
import { spanEvent } from './span-event.ts';

/** The result is always acceptable to LOG.md §1: names, depth, integers and size. */
export function toEvents(exported: OtlpExport): SandboxEvent[] {
  const events: SandboxEvent[] = [];
  if (exported.signal === 'logs') {
    for (const group of exported.groups) {
      if (group.items.length === 0) continue;
      const origin = originOf(group);
      for (let i = 0; i < group.items.length; i++) {
        events.push(logEvent(group.items[i]!, origin, i));
      }
    }
    return events;
  }
  const toEvent = exported.signal === 'traces' ? spanEvent : metricEvent;
  for (const group of exported.groups) {
    if (group.items.length === 0) continue;
    const origin = originOf(group);
    for (const [i, item] of group.items.entries()) events.push(toEvent(item, origin, i));
  }
  return events;
}

/** The session of a metric is that of its first point: clients export one session at a time. */
function metricEvent(metric: OtlpMessage, origin: Origin, at: number): SandboxEvent {
  const points = METRIC_DATA.flatMap((name) => pointsOf(metric[name]));
  const t = points.reduce((latest, point) => laterOf(latest, point.timeUnixNano), '0');
  const attributes = attributesOf(points[0] ?? {});
  const draft = new EventDraft(origin, readNames(attributes));
  const name = typeof metric.name === 'string' ? metric.name : '';
  if (isClaudeCode(name, origin)) takeClaudeCodeMetric(draft, attributes);
  const text = `${origin.context.before(at)}"metric":${JSON.stringify(metric)}}`;
  draft.keepOriginal(cutName(name), Buffer.from(text));
  return draft.finish('other', t);
}

function pointsOf(data: OtlpJson | undefined): OtlpMessage[] {
  if (!isMessage(data) || !Array.isArray(data.dataPoints)) return [];
  return data.dataPoints.filter(isMessage);
}

/** Of two decimal texts without leading zeros, the larger. */
function laterOf(a: string, b: OtlpJson | undefined): string {
  if (typeof b !== 'string') return a;
  if (a.length !== b.length) return a.length > b.length ? a : b;
  return a >= b ? a : b;
}
