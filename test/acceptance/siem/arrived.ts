/** What each destination of the ground has, read where that destination keeps it. */
import assert from 'node:assert/strict';
import { SENTINEL_STREAM } from '../../receivers/sentinel-rule.ts';
import { select } from '../path/clickhouse.ts';
import type { Arrival } from './arrivals.ts';
import { ELASTIC_STREAM, type Ground, TOPIC } from './ground.ts';
import { readCef, readLeef } from './lines.ts';

type Json = Record<string, unknown>;

interface Place {
  log: string;
  index: number;
  leaf: string;
  proof: string;
}

/** In order of arrival. */
export async function arrivedAt(ground: Ground, name: string): Promise<Arrival[]> {
  const { hook, splunk, falcon, sentinel, elastic } = ground.ends;
  switch (name) {
    case 'hook':
      return hook.came.map(({ body }) =>
        fromRecord(body, (JSON.parse(body) as { data: Json }).data),
      );
    case 'splunk':
      return splunk.events.map(({ envelope }) => {
        const event = envelope.event as Json;
        return { ...fromOcsf(event), text: JSON.stringify(envelope), id: dedupeId(envelope) };
      });
    case 'falcon':
      return falcon.events.map(({ raw, fields }) => {
        return { ...fromEcs(JSON.parse(raw) as Json, raw), id: String(fields.dedupe_id) };
      });
    case 'sentinel':
      return (sentinel.rows.get(SENTINEL_STREAM) ?? []).map(fromRow);
    case 'elastic':
      return (elastic.documents.get(ELASTIC_STREAM) ?? []).map(({ id, document }) => {
        return { ...fromEcs(document, JSON.stringify(document)), id };
      });
    case 'kafka':
      return await onTopic(ground);
    case 'otlp':
      return (await otherRecords(ground, 'ocsf')).map(fromOtlp);
    case 'peer':
      return (await otherRecords(ground, 'ecs')).map(fromOtlp);
    default:
      return fromSyslog(ground, name);
  }
}

/** How many, where that is known for less. */
export async function countAt(ground: Ground, name: string): Promise<number> {
  if (name === 'kafka') return await ground.ends.topics!.count(TOPIC);
  return new Set((await arrivedAt(ground, name)).map(({ id }) => id)).size;
}

function fromRecord(text: string, data: Json): Arrival {
  const { id, log, index, leaf, proof, subject } = data as unknown as Place & {
    id: string;
    subject: string;
  };
  return { id, log, index, leaf, proof, session: subject, text };
}

function fromOcsf(event: Json): Omit<Arrival, 'id'> & { uid: string } {
  const {
    actor,
    unmapped,
    finding_info: found,
  } = event as unknown as {
    actor: { session: { uid: string } };
    unmapped: { vitrine: Place };
    finding_info: { uid: string };
  };
  const { log, index, leaf, proof } = unmapped.vitrine;
  const text = JSON.stringify(event);
  return { log, index, leaf, proof, session: actor.session.uid, text, uid: found.uid };
}

function fromEcs(document: Json, text: string): Omit<Arrival, 'id'> {
  const { log, index, leaf, proof, subject } = document.vitrine as Place & { subject: string };
  return { log, index, leaf, proof, session: subject, text };
}

function dedupeId({ fields }: Json): string {
  return (fields as { dedupe_id: string }).dedupe_id;
}

function fromRow(row: Json): Arrival {
  return {
    id: String(row.AlertId),
    log: String(row.Log),
    index: Number(row.LeafIndex),
    leaf: String(row.LeafHash),
    session: String(row.SessionId),
    proof: String(row.Proof),
    text: JSON.stringify(row),
  };
}

async function onTopic({ ends }: Ground): Promise<Arrival[]> {
  const messages = await ends.topics!.read(TOPIC);
  return messages.map(({ key, headers, value }) => {
    const { uid, ...inside } = fromOcsf(JSON.parse(value) as Json);
    assert.deepEqual([uid, inside.session], [headers['vitrine-id'], key]);
    const { 'vitrine-log': log, 'vitrine-index': index, 'vitrine-leaf': leaf } = headers;
    assert.deepEqual([inside.log, String(inside.index), inside.leaf], [log, index, leaf]);
    return { ...inside, id: uid, text: value };
  });
}

/** OTLP records in the other collector that have alerts in this dialect: which way they came. */
async function otherRecords({ ends }: Ground, dialect: 'ocsf' | 'ecs'): Promise<string[]> {
  const { otlp } = ends;
  const rows = await select<{ data: string }>(
    otlp,
    `SELECT data FROM parts WHERE log = '${otlp.log}' AND name = 'otlp' ORDER BY idx`,
  );
  return rows.map(({ data }) => data).filter((data) => data.includes(SIGN_OF[dialect]));
}

const SIGN_OF = { ocsf: '\\"class_uid\\"', ecs: '\\"@timestamp\\"' };

interface LogRecord {
  logRecord: { attributes: { key: string; value: Record<string, unknown> }[] };
}

/** As it came; the resource around it is the same for all. */
function fromOtlp(data: string): Arrival {
  const { logRecord } = JSON.parse(data) as LogRecord;
  const found = (name: string): string => {
    const { value } = logRecord.attributes.find(({ key }) => key === name)!;
    return String(Object.values(value)[0]);
  };
  return {
    id: found('log.record.uid'),
    log: found('vitrine.integrity.log'),
    index: Number(found('vitrine.integrity.leaf_index')),
    leaf: found('vitrine.integrity.leaf_hash'),
    session: found('vitrine.subject'),
    proof: found('vitrine.integrity.proof'),
    text: JSON.stringify(logRecord),
  };
}

/** Structured data first (RFC 5424, 6.3); the payload says the same once more. */
function fromSyslog({ ends }: Ground, name: string): Arrival[] {
  const kind = name.replace('syslog-', '');
  const mine = ends.rsyslog!.received().filter(({ hostname, message }) => {
    if (hostname === 'lossy.example') return kind === 'udp';
    const payload = message.startsWith('{') ? 'json' : message.slice(0, message.indexOf(':'));
    return payload.toLowerCase() === kind;
  });
  return mine.map(({ raw, data, message }) => {
    const params = [...data.matchAll(/ (\w+)="((?:[^"\\\]]|\\["\\\]])*)"/g)];
    const told = new Map(params.map(([, key, value]) => [key!, value!.replace(/\\(.)/g, '$1')]));
    const { session, place, proof } = payloadOf(message);
    const arrival: Arrival = {
      id: told.get('id')!,
      log: told.get('log')!,
      index: Number(told.get('index')),
      leaf: told.get('leaf')!,
      session,
      text: raw,
    };
    assert.deepEqual(place, [arrival.id, arrival.log, String(arrival.index), arrival.leaf]);
    return proof === undefined ? arrival : { ...arrival, proof };
  });
}

interface Payload {
  session: string;
  place: string[];
  proof?: string;
}

function payloadOf(message: string): Payload {
  if (message.startsWith('{')) {
    const { id, log, index, leaf, session, proof } = fromRecord('', JSON.parse(message) as Json);
    return { session, place: [id, log, String(index), leaf], ...(proof ? { proof } : {}) };
  }
  if (message.startsWith('CEF')) {
    const { fields } = readCef(message);
    const names = ['externalId', 'flexString1', 'cn1', 'cs6'];
    return { session: fields.get('cs1')!, place: names.map((name) => fields.get(name)!) };
  }
  const { fields } = readLeef(message);
  const names = ['uid', 'log', 'leafIndex', 'leafHash'];
  return { session: fields.get('sessionId')!, place: names.map((name) => fields.get(name)!) };
}
