/**
 * The envelope of an HTTP Event Collector, which Splunk and CrowdStrike's Next-Gen SIEM share: one
 * JSON object for each alert, one after another, never an array. Splunk, "Format events for HTTP
 * Event Collector".
 */
import type { JsonObject } from '@vitrine/schema';
import { alertEntry, severityOf } from '@vitrine/schema/normalise';
import { z } from 'zod';
import type { Batch, DeliverableAlert, Item } from '../contract.ts';
import { fitAlert } from '../fit.ts';
import { alertJson, JSON_DIALECTS, type JsonDialect } from '../format.ts';

const MEMBER_CHARS_MAX = 255;

/** A text of the envelope: short, for each alert repeats it. */
export function envelopeText() {
  return z.string().min(1).max(MEMBER_CHARS_MAX);
}

export function dialectSetting(usual: JsonDialect) {
  return z
    .enum(JSON_DIALECTS)
    .default(usual)
    .describe(
      '`ocsf` (OCSF 1.8.0), `ecs` (Elastic Common Schema) or `vitrine` (the record as the log ' +
        'has it); each with its proof',
    );
}

/** What a connector's settings say about the envelope. */
export interface Envelope {
  dialect: JsonDialect;
  source?: string | undefined;
  sourcetype?: string | undefined;
  index?: string | undefined;
  host?: string | undefined;
}

/**
 * Far below the 1 MB that Splunk Cloud advises for a request, and at which LogScale, below
 * CrowdStrike's, cuts an event without a word.
 */
export const HEC_BATCH: Batch = {
  alertsMax: 500,
  bytesMax: 786_432,
  ageMsMax: 1_000,
  order: 'whole',
};

/**
 * One event. `fields` is flat and all text: Splunk refuses anything else, CrowdStrike's drops it
 * without a word. The alert's id is there and inside the event, for nobody else drops doubles.
 */
export function encodeEvent(alert: DeliverableAlert, envelope: Envelope): Buffer {
  const { dialect, source, sourcetype, index, host = hostOf(alert) } = envelope;
  const time = Number(BigInt(alert.t) / 1_000_000n) / 1_000;
  const fields = { dedupe_id: alert.id, severity: severityOf(alertEntry(alert)) };
  return fitAlert(alert, (fitting, trimmed) => {
    const event = alertJson(fitting, dialect, trimmed);
    const members = { time, host, source, sourcetype, index, event, fields };
    return Buffer.from(JSON.stringify(members), 'utf8');
  });
}

/** The host that runs the sandbox; nothing where the alert does not name one. */
function hostOf({ record }: DeliverableAlert): string | undefined {
  const { name } = (record.host ?? {}) as JsonObject;
  if (typeof name !== 'string' || name === '') return undefined;
  return name.slice(0, MEMBER_CHARS_MAX).toWellFormed();
}

export function eventsBody(items: Item[]): Buffer {
  return Buffer.concat(items.flatMap(({ bytes }, i) => (i === 0 ? [bytes] : [NEW_LINE, bytes])));
}

const NEW_LINE = Buffer.from('\n');

export function eventsHeaders(scheme: 'Splunk' | 'Bearer', token: string): Record<string, string> {
  return {
    authorization: `${scheme} ${token}`,
    'content-type': 'application/json',
    'user-agent': 'vitrine-hec/1',
  };
}
