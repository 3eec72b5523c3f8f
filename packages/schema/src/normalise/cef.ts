/**
 * Records and alerts as one line of CEF:0 each. It has no room for a proof: log, index, leaf hash
 * and link lead to it.
 */
import { CEF_LINE_BYTES_MAX, NORMALISED_LIST_MAX } from '../limits.ts';
import { seenBy } from './alert-facts.ts';
import { cefHeader, cefValue, cutTo } from './cef-text.ts';
import { isAlert, type LogEntry, msOf, severityOf, subjectOf, vantageOf } from './entry.ts';
import { baseName, Facts } from './facts.ts';
import { hostFacts } from './host.ts';
import { idOf } from './place.ts';
import { PRODUCT } from './product.ts';
import { SEVERITIES } from './severity.ts';
import { attackOf } from './tags.ts';
import { outcomeOf, verdictOf } from './verdict.ts';

/** Characters of the header's texts (ArcSight's CEF implementation standard). */
const HEADER = { vendor: 63, product: 63, version: 31, class: 1_023, name: 512 } as const;

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

type Key = keyof typeof CEF_KEYS;

/** What the custom keys hold. */
export const CEF_LABELS = {
  cs1: 'session_id',
  cs2: 'vantage',
  cs3: 'attack',
  cs4: 'risk_class',
  cs5: 'edr',
  cs6: 'leaf_hash',
  cn1: 'leaf_index',
  cn2: 'http_status',
  flexString1: 'log',
  flexString2: 'link',
} as const;

/** Names the keys whose value was cut or left out: not of the dictionary, as CEF allows. */
const CUT_KEY = 'VitrineCut';
/** Whole or not at all: without them the proof is not found. */
const NEVER_SHORTER: readonly Key[] = ['rt', 'cn1', 'cs6', 'flexString1'];

type Values = Partial<Record<Key, string | number>>;

export function cefLine(entry: LogEntry): string {
  const facts = new Facts(entry, { text: CEF_LINE_BYTES_MAX, list: NORMALISED_LIST_MAX });
  const alert = isAlert(entry);
  const seen = alert ? seenBy(facts) : facts;
  const title = alert ? facts.text('title') : undefined;
  const header = [
    'CEF:0',
    cefHeader(PRODUCT.vendor, HEADER.vendor),
    cefHeader(PRODUCT.name, HEADER.product),
    cefHeader(PRODUCT.version, HEADER.version),
    cefHeader((alert ? facts.text('rule') : undefined) ?? entry.kind, HEADER.class),
    cefHeader(title ?? entry.title, HEADER.name),
    String(SEVERITIES[severityOf(entry)].cef),
  ].join('|');
  const values: Values = {
    ...placeOf(facts),
    ...activityOf(seen),
    ...agentOf(facts, alert),
  };
  return `${header}|${extensionOf(values, CEF_LINE_BYTES_MAX - Buffer.byteLength(header) - 1)}`;
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

function given(values: { [K in Key]?: string | number | undefined }): Values {
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(known);
}

/** The longest texts shrink first, until the line has its size. */
function extensionOf(values: Values, bytesMax: number): string {
  const cut = new Set<Key>();
  const texts = new Map<Key, string>();
  for (const key of Object.keys(CEF_KEYS) as Key[]) {
    const value = values[key];
    if (value === undefined) continue;
    const max = CEF_KEYS[key] || Number.MAX_SAFE_INTEGER;
    const text = String(value);
    if (text.length > max) cut.add(key);
    texts.set(key, cutTo(text, max));
  }
  for (;;) {
    const extension = written(texts, cut);
    if (Buffer.byteLength(extension) <= bytesMax) return extension;
    const longest = longestOf(texts);
    if (longest === undefined) return extension;
    cut.add(longest);
    texts.set(longest, cutTo(texts.get(longest)!, Math.ceil(texts.get(longest)!.length / 2)));
  }
}

const SHRUNK_CHARS_MIN = 32;

function longestOf(texts: Map<Key, string>): Key | undefined {
  let longest: Key | undefined;
  let length = SHRUNK_CHARS_MIN;
  for (const [key, text] of texts) {
    if (text.length <= length || NEVER_SHORTER.includes(key)) continue;
    longest = key;
    length = text.length;
  }
  return longest;
}

function written(texts: Map<Key, string>, cut: Set<Key>): string {
  const fields: string[] = [];
  for (const [key, text] of texts) {
    const value = cefValue(text);
    if (value === '') continue;
    const label = Object.hasOwn(CEF_LABELS, key) ? CEF_LABELS[key as keyof typeof CEF_LABELS] : '';
    if (label !== '') fields.push(`${key}Label=${label}`);
    fields.push(`${key}=${value}`);
  }
  if (cut.size > 0) fields.push(`${CUT_KEY}=${[...cut].join(',')}`);
  return fields.join(' ');
}
