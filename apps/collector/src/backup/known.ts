/**
 * Checkpoints that are known from elsewhere: what a rebuilt log must reach before it signs, and
 * must not contradict. A log that was put back is noticed by these alone.
 */
import { readFileSync } from 'node:fs';
import { ChainError, isTrustedNote, parseCheckpointNote, parseTrust } from '@vitrine/chain';
import { isObject, PIN_BYTES_MAX } from '@vitrine/schema';
import { CollectorError, systemCode } from '../error.ts';
import type { IntentStore } from '../sequence/intents.ts';
import { type Tree, treeBefore } from '../sequence/redo.ts';

export interface KnownNote {
  size: number;
  root: Buffer;
  note: string;
  /** Where it was found, for whoever has to look. */
  from: string;
}

/** A signed note, or a pin that holds one. Throws NOTE_UNREADABLE. */
export function readKnown(path: string, origin: string, trust: string): KnownNote {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, systemCode(cause) ?? 'it cannot be read', cause);
  }
  if (text.length > PIN_BYTES_MAX) throw unreadable(path, 'it is too large');
  return knownNote(pinned(text), path, origin, trust);
}

/** Throws NOTE_UNREADABLE for what this log has not signed. */
export function knownNote(note: string, from: string, origin: string, trust: string): KnownNote {
  try {
    const parsed = parseCheckpointNote(note);
    if (parsed.origin !== origin) throw unreadable(from, `it is of ${parsed.origin}`);
    if (!isTrustedNote(parsed, parseTrust(trust))) throw unreadable(from, 'its signature is wrong');
    return { size: parsed.size, root: parsed.root, note, from };
  } catch (cause) {
    if (cause instanceof ChainError) throw unreadable(from, cause.message, cause);
    throw cause;
  }
}

function pinned(text: string): string {
  if (!text.startsWith('{')) return text;
  try {
    const pin: unknown = JSON.parse(text);
    return isObject(pin) && typeof pin.note === 'string' ? pin.note : text;
  } catch {
    return text;
  }
}

/** Every sealed tree that decided batches lead to from `tree`, by its size. */
export function reachable(intents: IntentStore, tree: Tree): Map<number, string> {
  const trees = new Map([[tree.size, tree.root]]);
  const all = intents.intents();
  for (let at = tree; ; ) {
    const next = all.find((intent) => intent.first === at.size && intents.hasBlob(intent));
    if (next === undefined || treeBefore(intents.load(next))?.root !== at.root) return trees;
    at = { size: next.size, root: next.root };
    trees.set(at.size, at.root);
  }
}

/** Throws REBUILD_BEHIND unless redo reaches all that is known to have been signed or decided. */
export function refuseBehind(
  known: readonly KnownNote[],
  intents: IntentStore,
  reached: number,
): void {
  const ahead = [
    ...known.map(({ size, from }) => ({ size, what: `the checkpoint of ${from}` })),
    ...intents
      .intents()
      .map(({ size, first }) => ({ size, what: `the batch decided at ${first}` })),
  ].filter(({ size }) => size > reached);
  const furthest = ahead.toSorted((a, b) => b.size - a.size)[0];
  if (furthest === undefined) return;
  const message =
    `${furthest.what} has size ${furthest.size}; ` +
    `the backup and what is left of the log reach ${reached}`;
  const hint =
    'give a newer backup, or --old with what is left of the data directory; if there is none, ' +
    'this origin must not grow any more: rebuild --new-log';
  throw new CollectorError('REBUILD_BEHIND', message, hint);
}

/** Throws REBUILD_FORKED unless `rootAt` gives each of these trees the root that was signed. */
export async function refuseForked(
  known: readonly KnownNote[],
  rootAt: (size: number) => Promise<string | undefined>,
): Promise<void> {
  for (const { size, root, from } of known) {
    const ours = await rootAt(size);
    if (ours === root.toString('base64')) continue;
    const message = `the checkpoint of ${from} has another tree of size ${size} than the backup`;
    const hint = 'the log was forked: keep the backup and the checkpoint, they are evidence of it';
    throw new CollectorError('REBUILD_FORKED', message, hint);
  }
}

function unreadable(path: string, what: string, cause?: unknown): CollectorError {
  const hint = 'give a checkpoint of this log, or a pin: npx --no vitrine checkpoint --pin FILE';
  const message = `${path} is no checkpoint of this log: ${what}`;
  return new CollectorError('NOTE_UNREADABLE', message, hint, { cause });
}
