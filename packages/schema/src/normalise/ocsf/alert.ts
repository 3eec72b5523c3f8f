/** An alert as an OCSF 1.8.0 Detection Finding: the finding, its evidence, the host it is about. */
import { isObject, type JsonObject } from '../../json.ts';
import { evidenceOf, seenBy } from '../alert-facts.ts';
import { type LogEntry, msOf, severityOf, subjectOf } from '../entry.ts';
import { type Facts, filled } from '../facts.ts';
import { fitted } from '../fit.ts';
import { idOf } from '../place.ts';
import { PRODUCT } from '../product.ts';
import { SEVERITIES } from '../severity.ts';
import { attackOf, type TacticOrTechnique } from '../tags.ts';
import { verdictOf } from '../verdict.ts';
import { CONTROLS, finish, numbersOf, profilesOf } from './event.ts';
import { deviceOf, fileAt, processOf, remoteOf, requestOf, responseOf } from './objects.ts';

const CREATE = 1;
const STATUS_NEW = 1;
const ANALYTIC_RULE = 1;
const OBSERVABLES = { hostname: 1, ip: 2, file: 45, process: 15 };

export function ocsfAlert(entry: LogEntry): JsonObject {
  return fitted(entry, (facts) => {
    const seen = seenBy(facts);
    const verdict = verdictOf(seen);
    const profiles = profilesOf(entry);
    if (verdict !== undefined) profiles.push('security_control');
    const what = facts.text('what');
    const todo = facts.text('todo');
    const placed = evidenceOf(facts);
    const evidences = evidencesOf(seen, placed);
    const event = {
      ...numbersOf('finding', CREATE),
      time: msOf(entry.t),
      severity_id: SEVERITIES[severityOf(entry)].ocsf,
      status_id: STATUS_NEW,
      is_alert: true,
      message: what ?? facts.short(entry.title, 'title'),
      finding_info: findingOf(facts, what, placed),
      actor: { session: { uid: facts.short(subjectOf(entry), 'session') } },
      device: deviceOf(facts),
      evidences,
      observables: observablesOf(evidences[0]),
      remediation: todo === undefined ? undefined : { desc: todo },
      ...(verdict === undefined ? {} : CONTROLS[verdict]),
    };
    return finish(facts, event, profiles);
  });
}

function findingOf(facts: Facts, what: string | undefined, placed: JsonObject[]): JsonObject {
  const { entry } = facts;
  const rule = facts.text('rule') ?? 'unknown';
  const title = facts.text('title') ?? rule;
  const { attacks, others } = attackOf(facts.texts('tags'));
  const product = { name: PRODUCT.name, vendor_name: PRODUCT.vendor, version: PRODUCT.version };
  return filled({
    uid: idOf(facts),
    title,
    desc: what,
    created_time: msOf(entry.t),
    analytic: { type_id: ANALYTIC_RULE, uid: rule, name: title },
    attacks: attacks.map(ocsfAttack),
    tags: Object.entries(others).map(([name, values]) => ({ name, values })),
    src_url: facts.short(entry.link, 'link'),
    product,
    related_events: placed.map(({ log, index }) => ({ uid: `${log}/${index}` })),
    related_events_count: placed.length,
  });
}

function ocsfAttack({ tactic, technique, sub }: TacticOrTechnique): JsonObject {
  return filled({
    tactic: tactic === undefined ? undefined : { name: tactic },
    technique: technique === undefined ? undefined : { uid: technique },
    sub_technique: sub === undefined ? undefined : { uid: sub },
  });
}

/** One entry for each record the alert rests on; the first one shows what it says. */
function evidencesOf(seen: Facts, placed: JsonObject[]): JsonObject[] {
  const path = seen.text('file.path');
  const shown = filled({
    process: processOf(seen),
    file: path === undefined ? undefined : fileAt(path),
    dst_endpoint: remoteOf(seen),
    http_request: requestOf(seen),
    http_response: responseOf(seen),
  });
  if (placed.length === 0) return Object.keys(shown).length === 0 ? [] : [shown];
  return placed.map((data, i) => (i === 0 ? { ...shown, data } : { data }));
}

function observablesOf(evidence: JsonObject | undefined): JsonObject[] {
  const members: [string, string, number][] = [
    ['dst_endpoint', 'hostname', OBSERVABLES.hostname],
    ['dst_endpoint', 'ip', OBSERVABLES.ip],
    ['file', 'path', OBSERVABLES.file],
    ['process', 'pid', OBSERVABLES.process],
  ];
  return members.flatMap(([object, name, type_id]) => {
    const of = evidence?.[object];
    const value = isObject(of) ? of[name] : undefined;
    if (value === undefined) return [];
    return [{ name: `evidences[0].${object}.${name}`, type_id, value: String(value) }];
  });
}
