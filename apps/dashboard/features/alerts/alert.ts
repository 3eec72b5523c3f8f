/**
 * An alert record, read as what `packages/detect` writes (docs/reference/log.md). Its texts come
 * from a record and so perhaps from the attacker: whatever has another form is left out.
 */
import type { HostIdentity, JsonObject } from '@vitrine/schema';
import type { EventItem } from '@vitrine/schema/api';
import { isObject } from '@vitrine/schema/record';
import { type Severity, severityOf } from '../../lib/severity.ts';

/** A record that fired: its place in a log, and the leaf hash it had then. */
export interface Evidence {
  log: string;
  index: number;
  leaf: string;
}

export interface Alert {
  /** Leaf of the alert itself. */
  index: number;
  log: string;
  id: string;
  rule: string;
  title: string;
  severity: Severity;
  /** The session it is about. */
  subject: string;
  vantage: string;
  t: string;
  what: string;
  todo: string;
  evidence: Evidence[];
  host: Partial<HostIdentity>;
  tags: string[];
  /** What the rule shows of the record, as dotted names. */
  fields: [name: string, value: string][];
}

export function alertOf({ record, index, log, t }: EventItem): Alert {
  return {
    index,
    log,
    t,
    id: text(record, 'id'),
    rule: text(record, 'rule'),
    title: text(record, 'title'),
    severity: severityOf(record.severity),
    subject: text(record, 'subject'),
    vantage: text(record, 'vantage'),
    what: text(record, 'what'),
    todo: text(record, 'todo'),
    evidence: list(record.evidence).flatMap(evidenceOf),
    host: hostOf(record.host),
    tags: list(record.tags).filter((tag) => typeof tag === 'string'),
    fields: isObject(record.event) ? fieldsOf(record.event, '') : [],
  };
}

function evidenceOf(value: unknown): Evidence[] {
  if (!isObject(value)) return [];
  const { log, index, leaf } = value;
  if (typeof log !== 'string' || typeof leaf !== 'string') return [];
  return Number.isSafeInteger(index) ? [{ log, index: index as number, leaf }] : [];
}

function hostOf(value: unknown): Partial<HostIdentity> {
  if (!isObject(value)) return {};
  const host: Partial<HostIdentity> = {};
  for (const name of ['name', 'id', 'ip', 'os'] as const) {
    if (typeof value[name] === 'string') host[name] = value[name];
  }
  if (isObject(value.process)) {
    const { pid, start, exe } = value.process;
    if (typeof pid === 'number') {
      host.process = {
        pid,
        ...(typeof start === 'string' ? { start } : {}),
        ...(typeof exe === 'string' ? { exe } : {}),
      };
    }
  }
  if (isObject(value.edr)) {
    const { vendor, device_id: device } = value.edr;
    if (typeof device === 'string') {
      host.edr = { vendor: typeof vendor === 'string' ? vendor : '', device_id: device };
    }
  }
  return host;
}

function fieldsOf(object: JsonObject, prefix: string): [string, string][] {
  return Object.entries(object).flatMap(([name, value]): [string, string][] => {
    const path = prefix + name;
    if (isObject(value)) return fieldsOf(value, `${path}.`);
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
}

function text(record: JsonObject, name: string): string {
  const value = record[name];
  return typeof value === 'string' ? value : '';
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
