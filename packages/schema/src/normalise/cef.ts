/**
 * Records and alerts as one line of CEF:0 each. It has no room for a proof: log, index, leaf hash
 * and link lead to it.
 */
import { CEF_LINE_BYTES_MAX } from '../limits.ts';
import { cefHeader, cefValue } from './cef-text.ts';
import type { LogEntry } from './entry.ts';
import { CEF_KEYS, lineFacts } from './line-facts.ts';
import { cutTo, fitLine, type Line } from './line-fit.ts';
import { PRODUCT } from './product.ts';

/** Characters of the header's texts (ArcSight's CEF implementation standard). */
const HEADER = { vendor: 63, product: 63, version: 31, class: 1_023, name: 512 } as const;
/** The part of a line that its class or its name may take. */
const HEADER_SHARE = 12;

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

export function cefLine(entry: LogEntry, bytesMax: number): string {
  const { id, title, severity, values } = lineFacts(entry, CEF_LINE_BYTES_MAX);
  const share = Math.floor(bytesMax / HEADER_SHARE);
  const header = [
    'CEF:0',
    cefHeader(PRODUCT.vendor, HEADER.vendor),
    cefHeader(PRODUCT.name, HEADER.product),
    cefHeader(PRODUCT.version, HEADER.version),
    cefHeader(id, Math.min(HEADER.class, share)),
    cefHeader(title, Math.min(HEADER.name, share)),
    String(severity),
  ].join('|');
  const line: Line = { texts: new Map(), cut: new Set() };
  for (const [key, text] of values) {
    const max = CEF_KEYS[key] || Number.MAX_SAFE_INTEGER;
    if (text.length > max) line.cut.add(key);
    line.texts.set(key, cutTo(text, max));
  }
  return fitLine(line, bytesMax, (fitted) => `${header}|${extensionOf(fitted)}`);
}

function extensionOf({ texts, cut }: Line): string {
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
