/**
 * Alerts as other tools read them: one alert, three formats, the same id, time, severity, host and
 * place in the log in each. A record that calls itself an alert is none in any of them.
 */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { push } from '../faces/push.ts';
import { adminToken, callApi } from '../path/api.ts';
import { alertsAbout } from '../path/events.ts';
import type { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import type { Scene } from './scenarios.ts';

const OCSF_VERSION = '1.8.0';
const DETECTION_FINDING = 2004;
/** `critical` in each: OCSF's `severity_id`, ECS's and CEF's own scales. */
const CRITICAL_OCSF = 5;
const CRITICAL_CEF = 10;
const SEALED_MS_MAX = 15_000;

interface Ocsf {
  class_uid: number;
  type_uid: number;
  activity_id: number;
  severity_id: number;
  time: number;
  metadata: { version: string; profiles: string[]; correlation_uid: string; event_code?: string };
  finding_info: { uid: string };
  device: { hostname: string };
  unmapped: { vitrine: { log: string; index: number; leaf: string } };
}

interface Ecs {
  '@timestamp': string;
  event: { id: string; kind: string };
  host: { name: string };
  vitrine: { log: string; index: number; leaf: string };
}

export async function isReadByOthers(system: System, scenes: Map<string, Scene>): Promise<void> {
  const { session } = scenes.get('foreign-key')!;
  const own = (await alertsAbout(system, session)).find(({ record }) => record.rule === 'EGR-001')!;
  const place = { log: own.log, index: own.index };
  const [ocsf, ecs, cef] = await Promise.all([
    as<Ocsf>(system, session, 'ocsf', (item) => item.unmapped.vitrine.index === own.index),
    as<Ecs>(system, session, 'ecs', (item) => item.vitrine.index === own.index),
    as<string>(system, session, 'cef', (line) => line.includes(`=${own.index} `)),
  ]);
  assert.equal(ocsf.class_uid, DETECTION_FINDING);
  assert.equal(ocsf.type_uid, DETECTION_FINDING * 100 + ocsf.activity_id);
  assert.equal(ocsf.metadata.version, OCSF_VERSION);
  assert.equal(ocsf.metadata.correlation_uid, session);
  assert.ok(ocsf.metadata.profiles.includes('host'));
  assert.equal(ocsf.severity_id, CRITICAL_OCSF);
  assert.equal(ocsf.finding_info.uid, own.record.id);
  assert.equal(ocsf.device.hostname, hostname());
  assert.equal(ocsf.time, Number(BigInt(String(own.record.t)) / 1_000_000n));
  assert.equal(ecs.event.id, own.record.id);
  assert.equal(ecs.event.kind, 'alert');
  assert.equal(ecs.host.name, hostname());
  assert.equal(Date.parse(ecs['@timestamp']), ocsf.time);
  for (const { log, index } of [ocsf.unmapped.vitrine, ecs.vitrine]) {
    assert.deepEqual({ log, index }, place);
  }
  const [version, , , , rule, , severity, extension] = cef.split('|');
  assert.deepEqual([version, rule, severity], ['CEF:0', 'EGR-001', String(CRITICAL_CEF)]);
  assert.ok(extension!.includes(String(own.record.id)), cef);
  assert.ok(extension!.includes(`dvchost=${hostname()}`), cef);
}

/** Whoever may send telemetry may write `alert` on it. */
export async function isNoAlertByItsWord(system: System): Promise<void> {
  const members = { id: 'alr_0', rule: 'EGR-001', severity: 'critical', what: 'It happened.' };
  await push(system, 'pretender', [{ kind: 'alert', members }]);
  const path = '/v1/sessions/pretender/events?format=ocsf';
  const item = await until('the record is there', SEALED_MS_MAX, async () => {
    const { status, text } = await callApi(system.run, adminToken(system.data), 'GET', path);
    if (status !== 200) return undefined;
    const { items } = JSON.parse(text) as { items: Ocsf[] };
    return items.find(({ metadata }) => metadata.event_code === 'alert');
  });
  assert.notEqual(item.class_uid, DETECTION_FINDING);
  assert.deepEqual(await alertsAbout(system, 'pretender'), []);
}

async function as<T>(
  system: System,
  session: string,
  format: string,
  isIt: (item: T) => boolean,
): Promise<T> {
  const path = `/v1/alerts?session=${session}&format=${format}`;
  const { status, text } = await callApi(system.run, adminToken(system.data), 'GET', path);
  assert.equal(status, 200, text);
  const found = (JSON.parse(text) as { items: T[] }).items.find(isIt);
  assert.ok(found !== undefined, text);
  return found;
}
