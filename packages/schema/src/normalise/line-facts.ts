/**
 * What a dialect of one flat line says of a record or an alert. It is found once, under CEF's keys;
 * each dialect writes it in its own way.
 */
import { NORMALISED_LIST_MAX } from '../limits.ts';
import { seenBy } from './alert-facts.ts';
import { isAlert, type LogEntry, msOf, severityOf, subjectOf, vantageOf } from './entry.ts';
import { baseName, Facts } from './facts.ts';
import { hostFacts } from './host.ts';
import { idOf } from './place.ts';
import { SEVERITIES } from './severity.ts';
import { attackOf } from './tags.ts';
import { outcomeOf, verdictOf } from './verdict.ts';

/** Characters of each key's value, as the CEF dictionary limits them; numbers have no limit. */
export const CEF_KEYS = {
  rt: 0,
  cat: 1_023,
  externalId: 40,
  dvchost: 100,
  dvc: 40,
  dvcpid: 0,
  deviceProcessName: 1_023,
  deviceExternalId: 255,
  cs1: 4_000,
  cs2: 4_000,
  cs3: 4_000,
  cs4: 4_000,
  cs5: 4_000,
  cs6: 4_000,
  cn1: 0,
  cn2: 0,
  flexString1: 1_023,
  flexString2: 1_023,
  act: 63,
  outcome: 63,
  reason: 1_023,
  suser: 1_023,
  suid: 1_023,
  sproc: 1_023,
  spid: 0,
  sourceServiceName: 1_023,
  filePath: 1_023,
  oldFilePath: 1_023,
  fname: 1_023,
  src: 40,
  spt: 0,
  dst: 40,
  dpt: 0,
  dhost: 1_023,
  proto: 31,
  in: 0,
  out: 0,
  requestMethod: 1_023,
  request: 1_023,
  msg: 1_023,
} as const;

export type LineKey = keyof typeof CEF_KEYS;
type Values = Partial<Record<LineKey, string | number>>;

export interface LineFacts {
  /** The rule of an alert, the kind of anything else. */
  id: string;
  title: string;
  /** 1 to 10. */
  severity: number;
  values: Map<LineKey, string>;
}

/** `textMax`: characters of one text. */
export function lineFacts(entry: LogEntry, textMax: number): LineFacts {
  const facts = new Facts(entry, { text: textMax, list: NORMALISED_LIST_MAX });
  const alert = isAlert(entry);
  const title = alert ? facts.text('title') : undefined;
  const found: Values = {
    ...placeOf(facts),
    ...activityOf(alert ? seenBy(facts) : facts),
    ...agentOf(facts, alert),
  };
  const values = new Map<LineKey, string>();
  for (const key of Object.keys(CEF_KEYS) as LineKey[]) {
    if (found[key] !== undefined) values.set(key, String(found[key]));
  }
  return {
    id: (alert ? facts.text('rule') : undefined) ?? entry.kind,
    title: title ?? entry.title,
    severity: SEVERITIES[severityOf(entry)].line,
    values,
  };
}

function placeOf(facts: Facts): Values {
  const { entry } = facts;
  const { name, id, ip, edrVendor, edrDevice, pid, exe } = hostFacts(facts);
  const edr = edrDevice === undefined ? undefined : `${edrVendor ?? 'edr'}:${edrDevice}`;
  return given({
    rt: msOf(entry.t),
    cat: entry.kind,
    externalId: idOf(facts),
    dvchost: name,
    dvc: ip,
    dvcpid: pid,
    deviceProcessName: exe,
    deviceExternalId: edrDevice ?? id,
    cs1: subjectOf(entry),
    cs2: vantageOf(entry),
    cs5: edr,
    cs6: entry.leaf,
    cn1: entry.index,
    flexString1: entry.log,
    flexString2: entry.link,
  });
}

function activityOf(facts: Facts): Values {
  const verdict = verdictOf(facts);
  const { ok, reason } = outcomeOf(facts);
  const path = facts.firstText('file.path', 'memory.path');
  const renamed = facts.entry.kind === 'file.rename' ? facts.text('file.target_path') : undefined;
  return given({
    act: verdict,
    outcome: ok === undefined ? undefined : ok ? 'success' : 'failure',
    reason: reason ?? facts.text('decision.rule'),
    sproc: facts.text('process.exe'),
    spid: facts.count('process.pid'),
    filePath: renamed ?? path,
    oldFilePath: renamed === undefined ? undefined : path,
    fname: path === undefined ? undefined : baseName(renamed ?? path),
    src: facts.address('net.src_ip'),
    spt: facts.port('net.src_port'),
    dst: facts.address('net.dst_ip'),
    dpt: facts.port('net.dst_port'),
    dhost: facts.firstText('net.dst_host', 'http.host'),
    proto: facts.text('net.proto'),
    in: facts.count('net.bytes_in') ?? facts.count('http.resp_bytes'),
    out: facts.count('net.bytes_out') ?? facts.count('http.req_bytes'),
    cn2: facts.count('http.status'),
    requestMethod: facts.text('http.method'),
    request: facts.text('http.path'),
  });
}

function agentOf(facts: Facts, alert: boolean): Values {
  const { attacks, others } = attackOf(facts.texts('tags'));
  const attack = attacks.map(({ tactic, technique, sub }) => sub ?? technique ?? tactic);
  return given({
    suser: facts.firstText('user.email', 'user.name'),
    suid: facts.firstText('user.id', 'user.account'),
    sourceServiceName: facts.firstText('agent.product', 'source.service'),
    cs3: attack.join(' '),
    cs4: (others['ase.risk'] ?? []).join(' '),
    msg: alert ? facts.text('what') : facts.entry.title,
  });
}

function given(values: { [K in LineKey]?: string | number | undefined }): Values {
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(known);
}
