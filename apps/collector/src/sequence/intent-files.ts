/**
 * What the intent store stands on: named files of three kinds, each durable when its call resolves:
 * senders need the thread while a disk is synced. A directory here; LOG.md §3 names a table and an
 * object store as others that will do.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { unwritable } from '../error.ts';
import { createFileLater, replaceFileLater } from '../files.ts';

export type IntentKind = 'blob' | 'intent' | 'note';

/** What writes throws LOG_UNWRITABLE. */
export interface IntentFiles {
  /** In the order of their bytes; without what is only half written. */
  names(kind: IntentKind): string[];
  has(kind: IntentKind, name: string): boolean;
  read(kind: IntentKind, name: string): Buffer;
  /** Writes a file, or writes it again. */
  replace(kind: IntentKind, name: string, content: string | Buffer): Promise<void>;
  /** `false`, and nothing changed, when it exists: of two writers one gets `true`. */
  create(kind: IntentKind, name: string, content: string | Buffer): Promise<boolean>;
  remove(kind: IntentKind, name: string): void;
}

export function intentDirectory(dir: string): IntentFiles {
  const path = (kind: IntentKind, name: string): string => join(dir, kind, name);
  for (const kind of ['blob', 'intent', 'note']) {
    mkdirSync(join(dir, kind), { recursive: true, mode: 0o700 });
  }
  const orSaid = <T>(writing: Promise<T>): Promise<T> =>
    writing.catch((cause: unknown) => {
      throw unwritable('LOG_UNWRITABLE', dir, cause, HELD_BACK);
    });
  return {
    names: (kind) =>
      readdirSync(join(dir, kind))
        .filter((name) => !name.startsWith('.'))
        .sort(),
    has: (kind, name) => existsSync(path(kind, name)),
    read: (kind, name) => readFileSync(path(kind, name)),
    replace: (kind, name, content) => orSaid(replaceFileLater(path(kind, name), content)),
    create: (kind, name, content) => orSaid(createFileLater(path(kind, name), content)),
    remove(kind, name) {
      try {
        unlinkSync(path(kind, name));
      } catch (cause) {
        throw unwritable('LOG_UNWRITABLE', dir, cause, HELD_BACK);
      }
    },
  };
}

const HELD_BACK = {
  outcome: 'nothing is sealed until it can',
  meanwhile: 'what was acknowledged waits in the journal meanwhile',
};
