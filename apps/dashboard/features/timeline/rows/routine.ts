/**
 * Which records are routine: a program's own loader, locale and library reads, which say nothing
 * about what it is up to, and heartbeats. Anything denied, written, severe or led elsewhere by a
 * link is not: what is folded away must not be able to hide anything.
 */
import { type JsonObject, readPath } from '@vitrine/schema/record';

export type Routine = 'loader' | 'locale' | 'node_modules' | 'system library' | 'heartbeat';

/** What is asked of an item of the API. */
export interface Judged {
  kind: string;
  severity: number;
  record: JsonObject;
}

const READS = new Set(['file.open', 'file.read']);
/** Flags of open(2) that can change a file. */
const WRITING = /O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)/;
const SYSTEM_LIBRARY = /^\/(usr\/)?(lib|lib32|lib64|libx32)\//;
const SHARED_OBJECT = /\.so(\.[0-9]+)*$/;
const LOADER_FILES = new Set(['/etc/ld.so.cache']);
const LOCALE = /^\/usr\/((share|lib)\/(locale|locale-langpack|i18n|zoneinfo)|lib\/[^/]+\/gconv)\//;
const LOCALE_FILES = new Set(['/etc/locale.alias', '/etc/localtime', '/usr/share/locale']);
const IN_NODE_MODULES = /\/node_modules\/[^/]/;
/** A name that begins with a dot may be a secret (`.env`, `.npmrc`) wherever it lies. */
const HIDDEN_NAME = /\/\.[^/]*$/;

/** `undefined` when the record is worth a row of its own. */
export function routineOf({ kind, severity, record }: Judged): Routine | undefined {
  if (severity > 0 || record.broken === true) return undefined;
  if (kind === 'telemetry.heartbeat') return lossless(record) ? 'heartbeat' : undefined;
  if (!READS.has(kind) || readPath(record, 'file.errno') !== undefined) return undefined;
  if (WRITING.test(String(readPath(record, 'file.flags') ?? ''))) return undefined;
  const asked = routinePath(readPath(record, 'file.path'));
  const real = readPath(record, 'file.real_path');
  if (asked === undefined || real === undefined) return asked;
  return routinePath(real) === undefined ? undefined : asked;
}

/** A heartbeat that owns up to something dropped is news. */
function lossless(record: JsonObject): boolean {
  const told = [record.dropped, readPath(record, 'counts.unsent'), readPath(record, 'counts.lost')];
  return told.every((count) => count === undefined || count === 0);
}

function routinePath(path: unknown): Routine | undefined {
  if (typeof path !== 'string' || !path.startsWith('/')) return undefined;
  if (path.split('/').includes('..') || HIDDEN_NAME.test(path)) return undefined;
  if (LOADER_FILES.has(path)) return 'loader';
  if (LOCALE_FILES.has(path) || LOCALE.test(path)) return 'locale';
  if (SYSTEM_LIBRARY.test(path)) return SHARED_OBJECT.test(path) ? 'loader' : 'system library';
  return IN_NODE_MODULES.test(path) ? 'node_modules' : undefined;
}
