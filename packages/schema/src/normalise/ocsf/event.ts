/** A record as an OCSF 1.8.0 event of the class its kind belongs to. */
import type { Json, JsonObject } from '../../json.ts';
import { type LogEntry, msOf, severityOf, subjectOf } from '../entry.ts';
import { type Facts, filled } from '../facts.ts';
import { fitted } from '../fit.ts';
import { kindOf, OCSF_CLASSES, OCSF_OTHER, type OcsfClass } from '../kinds.ts';
import { idOf, placeOf } from '../place.ts';
import { PRODUCT } from '../product.ts';
import { SEVERITIES } from '../severity.ts';
import { outcomeOf, verdictOf } from '../verdict.ts';
import { bodyOf } from './classes.ts';
import { actorOf, deviceOf } from './objects.ts';

export const OCSF_VERSION = '1.8.0';

const STATUS_SUCCESS = 1;
const STATUS_FAILURE = 2;
/** `action_id` and `disposition_id` of profile `security_control`. */
export const CONTROLS = {
  allowed: { action_id: 1, disposition_id: 1 },
  denied: { action_id: 2, disposition_id: 2 },
} as const;
/** An approval is more than letting through: someone was asked. */
const APPROVALS = {
  allowed: { action_id: 1, disposition_id: 8 },
  denied: { action_id: 2, disposition_id: 25 },
} as const;

/** Classes whose profile `ai_operation` brings `ai_model` and `message_context`. */
const OF_AI: readonly OcsfClass[] = ['api', 'process'];

export function ocsfEvent(entry: LogEntry): JsonObject {
  return fitted(entry, (facts) => {
    const kind = kindOf(entry);
    const body = bodyOf(kind.ocsf, facts);
    const profiles = new Set(profilesOf(entry));
    if (OF_AI.includes(body.class) && body.ai !== undefined) profiles.add('ai_operation');
    const control = controlOf(facts, body.class);
    if (control !== undefined) profiles.add('security_control');
    const event = {
      ...numbersOf(body.class, body.activity),
      time: msOf(entry.t),
      severity_id: SEVERITIES[severityOf(entry)].ocsf,
      message: facts.short(entry.title, 'title'),
      actor: actorOf(facts, body.class !== 'process'),
      device: deviceOf(facts),
      ...body.members,
      ...(OF_AI.includes(body.class) ? body.ai : {}),
      ...control,
      ...statusOf(facts),
    };
    return finish(facts, event, [...profiles]);
  });
}

/** Of every event: the host it happened on, and the sandbox there. */
export function profilesOf({ sandbox }: LogEntry): string[] {
  return sandbox === '' ? ['host'] : ['host', 'container'];
}

/** `activity`: a number of the class, or the name of one that it has no number for. */
export function numbersOf(of: OcsfClass, activity: number | string): JsonObject {
  const { uid, category } = OCSF_CLASSES[of];
  const id = typeof activity === 'number' ? activity : OCSF_OTHER;
  const name = typeof activity === 'string' ? { activity_name: activity } : {};
  return {
    category_uid: category,
    class_uid: uid,
    activity_id: id,
    ...name,
    type_uid: uid * 100 + id,
  };
}

/** Adds the members every event has, and then what no field took. */
export function finish(
  facts: Facts,
  event: Record<string, Json | undefined>,
  profiles: string[],
): (rest: JsonObject) => JsonObject {
  const metadata = metadataOf(facts);
  const place = placeOf(facts);
  return (rest) => {
    const cut = facts.cutNames;
    const truncated = cut === undefined ? undefined : true;
    return filled({
      ...event,
      metadata: filled({ ...metadata, profiles, is_truncated: truncated }),
      unmapped: { ...rest, vitrine: filled({ ...place, cut }) },
    });
  };
}

function metadataOf(facts: Facts): Record<string, Json | undefined> {
  const { entry } = facts;
  const observed = msOf(entry.observed);
  return {
    version: OCSF_VERSION,
    uid: idOf(facts),
    sequence: entry.index,
    correlation_uid: facts.short(subjectOf(entry), 'session'),
    tenant_uid: entry.tenant,
    log_name: facts.short(entry.kind, 'kind'),
    log_provider: facts.text('source.service') ?? facts.short(entry.shim, 'shim'),
    event_code: facts.text('source.event'),
    logged_time: observed === 0 ? undefined : observed,
    product: { name: PRODUCT.name, vendor_name: PRODUCT.vendor, version: PRODUCT.version },
  };
}

function controlOf(facts: Facts, of: OcsfClass): JsonObject | undefined {
  const verdict = verdictOf(facts);
  if (verdict === undefined && of !== 'authorize') return undefined;
  const rule = facts.firstText('decision.rule', 'policy.rule');
  const decision = facts.text('decision.value');
  const policy = rule === undefined ? undefined : { name: rule };
  const authorization = filled({ decision, policy });
  const controls = of === 'authorize' ? APPROVALS : CONTROLS;
  const made = filled({
    ...(verdict === undefined ? {} : controls[verdict]),
    authorizations: Object.keys(authorization).length > 0 ? [authorization] : [],
  });
  return Object.keys(made).length > 0 ? made : undefined;
}

function statusOf(facts: Facts): Record<string, Json | undefined> {
  const { ok, reason } = outcomeOf(facts);
  if (ok === undefined) return {};
  return { status_id: ok ? STATUS_SUCCESS : STATUS_FAILURE, status_detail: reason };
}
