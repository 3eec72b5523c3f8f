/**
 * Takes out of a backup what the log has announced as redacted or expired since the last one: a
 * newer backup never holds what an older one had to lose. Rewrites only files that hold some of it.
 */

import { isObject } from '@vitrine/schema';
import type { Announced } from '../erase/announced.ts';
import { Coverage } from '../erase/coverage.ts';
import { parsedObject } from '../fsck/parsed.ts';
import { readLines, writeLines } from './file.ts';
import { partOfLine, type Segment, segmentName } from './manifest.ts';
import { announcedIn, linesIn } from './walk.ts';

export interface EraseInput {
  dir: string;
  kept: readonly Segment[];
  fresh: readonly Segment[];
  /** Leaves that the last backup had: its announcements are done. */
  from: number;
}

export async function eraseAnnounced({
  dir,
  kept,
  fresh,
  from,
}: EraseInput): Promise<{ segments: Segment[]; erased: number }> {
  const announced = (await announcedIn(dir, fresh)).filter(({ idx }) => idx >= from);
  const all = [...kept, ...fresh];
  if (announced.length === 0) return { segments: all, erased: 0 };
  const gone = await goneOf(dir, all, announced);
  const segments: Segment[] = [];
  let erased = 0;
  for (const segment of all) {
    const { lines, parts } = await without(dir, segment, gone);
    erased += lines;
    segments.push({ ...segment, tables: { ...segment.tables, parts } });
  }
  return { segments, erased };
}

type Gone = (idx: number, name: string) => boolean;

/** Announcements by the places they name; a `redact` names its leaf by chain and `seq`. */
async function goneOf(
  dir: string,
  segments: readonly Segment[],
  announced: readonly Announced[],
): Promise<Gone> {
  const coverage = new Coverage(announced);
  const redacted = new Set<string>();
  if (announced.some(({ kind }) => kind === 'redact')) {
    let idx = 0;
    for await (const line of linesIn(dir, segments, 'records')) {
      const index = idx++;
      if (!line.includes('"parts":{"')) continue;
      const { session, shim, seq, parts } = parsedObject(line) ?? {};
      for (const name of isObject(parts) ? Object.keys(parts) : []) {
        const one = coverage.of(index, `${session}/${shim}`, Number(seq), name);
        if (one?.kind === 'redact') redacted.add(`${index}/${name}`);
      }
    }
  }
  return (idx, name) => {
    // No chain has this name: only an `expire` can answer.
    return redacted.has(`${idx}/${name}`) || coverage.of(idx, '', 0, name) !== undefined;
  };
}

/** The parts of a segment without those that are gone, and how many these were. */
async function without(
  dir: string,
  segment: Segment,
  gone: Gone,
): Promise<{ lines: number; parts: Segment['tables']['parts'] }> {
  const { parts } = segment.tables;
  let lines = 0;
  for await (const line of readLines(dir, parts)) {
    const { idx, name } = partOfLine(line);
    if (gone(idx, name)) lines++;
  }
  if (lines === 0) return { lines, parts };
  async function* left(): AsyncGenerator<string> {
    for await (const line of readLines(dir, parts)) {
      const { idx, name } = partOfLine(line);
      if (!gone(idx, name)) yield line;
    }
  }
  return { lines, parts: await writeLines(dir, `parts-${segmentName(segment)}`, left()) };
}
