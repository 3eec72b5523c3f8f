/**
 * Records and alerts as one line of LEEF 2.0 each, for QRadar. It has no room for a proof: log,
 * index, leaf hash and link lead to it.
 */
import { LEEF_LINE_BYTES_MAX } from '../limits.ts';
import type { LogEntry } from './entry.ts';
import { delimiterOf, leefHeader, leefPair, leefValue } from './leef-text.ts';
import { type LineKey, lineFacts } from './line-facts.ts';
import { cutTo, fitLine, type Line } from './line-fit.ts';
import { PRODUCT } from './product.ts';

/** Characters of an event's name in QRadar's map of events. */
const EVENT_ID_CHARS_MAX = 255;
const TITLE_CHARS_MAX = 512;
/** The part of a line that its event id or its title may take. */
const HEADER_SHARE = 12;

/**
 * LEEF's keys, by CEF's. Those QRadar knows itself have its names (IBM, Predefined LEEF event
 * attributes); `ident…` is left alone, for it would make assets out of sandboxes.
 */
export const LEEF_KEYS: Readonly<Record<LineKey, string>> = {
  rt: 'devTime',
  cat: 'cat',
  externalId: 'uid',
  dvchost: 'hostName',
  dvc: 'hostAddress',
  dvcpid: 'hostPid',
  deviceProcessName: 'hostExe',
  deviceExternalId: 'hostId',
  cs1: 'sessionId',
  cs2: 'vantage',
  cs3: 'attack',
  cs4: 'riskClass',
  cs5: 'edr',
  cs6: 'leafHash',
  cn1: 'leafIndex',
  cn2: 'httpStatus',
  flexString1: 'log',
  flexString2: 'link',
  act: 'action',
  outcome: 'outcome',
  reason: 'reason',
  suser: 'usrName',
  suid: 'userId',
  sproc: 'process',
  spid: 'processId',
  sourceServiceName: 'agent',
  filePath: 'filePath',
  oldFilePath: 'oldFilePath',
  fname: 'fileName',
  src: 'src',
  spt: 'srcPort',
  dst: 'dst',
  dpt: 'dstPort',
  dhost: 'dstHost',
  proto: 'proto',
  in: 'dstBytes',
  out: 'srcBytes',
  requestMethod: 'method',
  request: 'url',
  msg: 'msg',
};

/** Names the keys whose value was cut or left out. */
const CUT_KEY = 'vitrineCut';

export function leefLine(entry: LogEntry, bytesMax: number): string {
  const { id, title, severity, values } = lineFacts(entry, LEEF_LINE_BYTES_MAX);
  const share = Math.floor(bytesMax / HEADER_SHARE);
  const header = [
    'LEEF:2.0',
    leefHeader(PRODUCT.vendor, share),
    leefHeader(PRODUCT.name, share),
    leefHeader(PRODUCT.version, share),
    leefHeader(id, Math.min(EVENT_ID_CHARS_MAX, share)) || entry.kind,
  ].join('|');
  const first: [string, string][] = [
    ['sev', String(severity)],
    ['title', leefValue(cutTo(title, Math.min(TITLE_CHARS_MAX, share)))],
  ];
  const line: Line = { texts: values, cut: new Set() };
  return fitLine(line, bytesMax, (fitted) => `${header}|${attributesOf(first, fitted)}`);
}

/** Delimiter, `|`, and the pairs. */
function attributesOf(first: [string, string][], { texts, cut }: Line): string {
  const rest = [...texts].map(([key, text]) => [LEEF_KEYS[key], leefValue(text)] as const);
  const named = cut.size === 0 ? [] : [[CUT_KEY, [...cut].map((k) => LEEF_KEYS[k]).join(',')]];
  const pairs = [...first, ...rest, ...named].filter(([, value]) => value !== '');
  const delimiter = delimiterOf(pairs.map(([, value]) => value!));
  const written = pairs.map(([key, value]) => leefPair(key!, value!, delimiter));
  return `${delimiter}|${written.join(delimiter)}`;
}
