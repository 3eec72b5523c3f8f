/**
 * The rule files that count: those shipped with the product and those of the operator's folder, of
 * which one with the same name wins. Watches both, so that a file put there takes effect at once.
 * Whatever lies in the folder, reading it ends, and one that cannot be read costs itself alone.
 */
import * as fs from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RuleFile, SHIPPED_RULES } from '@vitrine/detect';
import { RULE_BYTES_MAX, RULES_MAX, RULES_SETTLE_MS } from '@vitrine/schema';
import type { RefusedRule } from '@vitrine/schema/api';
import { systemCode } from '../error.ts';

export interface RuleFolders {
  /** `false` leaves the shipped rules out. */
  builtin: boolean;
  dir: string;
}

interface FoundRules {
  files: RuleFile[];
  /** What is named as a rule and cannot be read. */
  unread: RefusedRule[];
}

/** Never throws. */
export function readRules(folders: RuleFolders): FoundRules {
  const files = new Map<string, RuleFile>();
  const unread: RefusedRule[] = [];
  for (const dir of foldersOf(folders)) {
    for (const name of namesIn(dir, unread)) {
      const text = attempt(name, unread, () => textOf(join(dir, name)));
      if (text !== undefined) files.set(name, { name, text });
    }
  }
  return { files: [...files.values()], unread };
}

function namesIn(dir: string, unread: RefusedRule[]): string[] {
  const found = attempt(basename(dir), unread, () => {
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
    return fs.readdirSync(dir);
  });
  const names = (found ?? []).filter((name) => /\.ya?ml$/.test(name)).sort();
  if (names.length > RULES_MAX) {
    const reason = `it has ${names.length} rule files, ${RULES_MAX} at most: others are not read`;
    unread.push({ file: basename(dir), code: 'RULE_TOO_LARGE', reason, hint: '' });
  }
  return names.slice(0, RULES_MAX);
}

/** A pipe, a device or a file without end is not waited for; undefined for one that has gone. */
function textOf(path: string): string | undefined {
  const { O_RDONLY, O_NONBLOCK } = fs.constants;
  let fd: number;
  try {
    fd = fs.openSync(path, O_RDONLY | O_NONBLOCK);
  } catch (error) {
    const isThere = fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    if (systemCode(error) === 'ENOENT' && !isThere) return undefined;
    throw error;
  }
  try {
    if (!fs.fstatSync(fd).isFile()) throw new Error('it is not a regular file');
    const bytes = Buffer.alloc(RULE_BYTES_MAX + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = fs.readSync(fd, bytes, length, bytes.length - length, null);
    }
    // One byte too many is enough for the loader to refuse it by its size.
    return bytes.toString('utf8', 0, length);
  } finally {
    fs.closeSync(fd);
  }
}

function attempt<T>(file: string, unread: RefusedRule[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = 'give it to the user that the collector runs as, or take it out of the folder';
    unread.push({ file, code: 'RULE_UNREADABLE', reason, hint });
    return undefined;
  }
}

/** Calls back once a burst of changes has settled; returns what ends the watch. */
export function watchRules(
  folders: RuleFolders,
  onChange: () => void,
  print: (line: string) => void,
): () => void {
  let settling: NodeJS.Timeout | undefined;
  const failed = (error: unknown): void => {
    print(`detect: a rule folder is not watched: ${String(error)}; rules reload still reads it`);
  };
  const opened = (): fs.FSWatcher[] =>
    foldersOf(folders).flatMap((dir) => {
      try {
        fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
        return [fs.watch(dir, changed).on('error', failed)];
      } catch (error) {
        failed(error);
        return [];
      }
    });
  const changed = (): void => {
    clearTimeout(settling);
    settling = setTimeout(settled, RULES_SETTLE_MS);
  };
  const settled = (): void => {
    // A folder that was taken away and made again is another one than that which was watched.
    const before = watchers;
    watchers = opened();
    onChange();
    for (const watcher of before) watcher.close();
  };
  let watchers = opened();
  return () => {
    clearTimeout(settling);
    for (const watcher of watchers) watcher.close();
  };
}

function foldersOf({ builtin, dir }: RuleFolders): string[] {
  return builtin ? [fileURLToPath(SHIPPED_RULES), dir] : [dir];
}
