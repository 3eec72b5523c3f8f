/**
 * What a backup directory holds, as its `manifest.json` says: segments of the log's leaves, each
 * with its records, parts and checkpoints, and files of the data directory by their hash. Whatever
 * the manifest does not name is no part of the backup.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type Json, type JsonObject } from '@vitrine/schema';
import { StoreError } from '../error.ts';
import { parsedObject } from '../fsck/parsed.ts';

const FORMAT = 'vitrine-backup/1';
export const MANIFEST_FILE = 'manifest.json';
export const TABLES = ['records', 'parts', 'notes'] as const;
export type BackupTable = (typeof TABLES)[number];

export interface StoredFile {
  /** Name below the directory of the backup. */
  file: string;
  bytes: number;
  /** Hex. */
  sha256: string;
  /** Lines, before compression. */
  lines: number;
}

export interface Segment {
  first: number;
  end: number;
  /** Hashes of the perfect trees that make up the tree of `first` leaves, largest first; base64. */
  edge: string[];
  tables: Record<BackupTable, StoredFile>;
}

export interface KeptFile {
  /** Path below the data directory, with `/`. */
  path: string;
  sha256: string;
  bytes: number;
}

export interface Manifest {
  format: typeof FORMAT;
  /** RFC 3339, UTC. */
  made: string;
  log: string;
  origin: string;
  tenant: string;
  /** The checkpoint of the tree that the segments are. */
  note: string;
  size: number;
  /** Text of the trust file of the log. */
  trust: string;
  /** Whether secret keys and tokens are among the files. */
  keys: boolean;
  segments: Segment[];
  files: KeptFile[];
}

/** `undefined` when there is no backup in `dir`. Throws BACKUP_INVALID. */
export function readManifest(dir: string): Manifest | undefined {
  const path = join(dir, MANIFEST_FILE);
  if (!existsSync(path)) return undefined;
  const value = parsedObject(readFileSync(path, 'utf8'));
  if (value === undefined || value.format !== FORMAT) throw invalid(dir, `not ${FORMAT}`);
  const { segments, files } = value;
  const whole =
    ['made', 'log', 'origin', 'tenant', 'note', 'trust'].every((k) => isText(value[k])) &&
    isCount(value.size) &&
    typeof value.keys === 'boolean' &&
    Array.isArray(segments) &&
    segments.every(isSegment) &&
    Array.isArray(files) &&
    files.every(isKept);
  if (!whole) throw invalid(dir, 'a member is missing or has another type');
  const manifest = value as unknown as Manifest;
  let end = 0;
  for (const segment of manifest.segments) {
    if (segment.first !== end || segment.end <= end) throw invalid(dir, `leaf ${end} is in none`);
    end = segment.end;
  }
  if (end !== manifest.size) throw invalid(dir, `the segments end at ${end}`);
  return manifest;
}

/** The backup of `dir`. Throws BACKUP_INVALID when there is none. */
export function openManifest(dir: string): Manifest {
  const manifest = readManifest(dir);
  if (manifest === undefined) throw invalid(dir, 'there is none');
  return manifest;
}

export function manifestText(manifest: Omit<Manifest, 'format'>): string {
  return `${JSON.stringify({ format: FORMAT, ...manifest }, null, 1)}\n`;
}

const DIGITS = 16;

/** What names of files say of a segment. */
export function segmentName({ first, end }: Pick<Segment, 'first' | 'end'>): string {
  return [first, end].map((n) => String(n).padStart(DIGITS, '0')).join('-');
}

/** Name of a kept file in the directory of the backup. */
export function keptName(file: KeptFile): string {
  return `files/${file.sha256}`;
}

function isSegment(value: Json): boolean {
  if (!isObject(value) || !isCount(value.first) || !isCount(value.end)) return false;
  const { edge, tables } = value;
  if (!Array.isArray(edge) || !edge.every(isText) || !isObject(tables)) return false;
  return TABLES.every((name) => isStored(tables[name]));
}

function isStored(value: Json | undefined): boolean {
  if (!isObject(value)) return false;
  const named = isText(value.file) && /^segments\/[0-9a-z.-]+$/.test(String(value.file));
  return named && isCount(value.bytes) && isHash(value.sha256) && isCount(value.lines);
}

function isKept(value: Json): boolean {
  if (!isObject(value) || !isHash(value.sha256) || !isCount(value.bytes)) return false;
  return isText(value.path) && isInside(String(value.path));
}

/** A path that stays below the directory it is joined to. */
function isInside(path: string): boolean {
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
}

function isText(value: Json | undefined): boolean {
  return typeof value === 'string';
}

function isHash(value: Json | undefined): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function isCount(value: Json | undefined): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function invalid(dir: string, what: string): StoreError {
  const message = `${join(dir, MANIFEST_FILE)} is no manifest of a backup: ${what}`;
  return new StoreError('BACKUP_INVALID', message, 'name the directory that vitrine backup wrote');
}

export function damaged(message: string): StoreError {
  const hint = 'this copy of the backup cannot be trusted: use another one';
  return new StoreError('BACKUP_DAMAGED', message, hint);
}

/** A part as one line of a backup. */
export interface BackupPart {
  idx: number;
  name: string;
  salt: Buffer;
  data: Buffer;
}

/** Text stays readable in a backup; what is none is base64. */
export function partLine({ idx, name, salt, data }: BackupPart): string {
  const text = data.toString('utf8');
  const content = Buffer.from(text).equals(data) ? { text } : { data: data.toString('base64') };
  return JSON.stringify({ idx, name, salt: salt.toString('base64'), ...content });
}

/** Throws BACKUP_DAMAGED. */
export function partOfLine(line: string): BackupPart {
  const { idx, name, salt, text, data } = parsedObject(line) ?? ({} as JsonObject);
  const isWhole = isCount(idx) && typeof name === 'string' && typeof salt === 'string';
  const content =
    typeof text === 'string'
      ? Buffer.from(text)
      : typeof data === 'string'
        ? Buffer.from(data, 'base64')
        : undefined;
  if (!isWhole || content === undefined) throw damaged('a line of a parts file is no part');
  return { idx: Number(idx), name, salt: Buffer.from(salt, 'base64'), data: content };
}
