/**
 * The rule files that count: those shipped with the product and those of the operator's folder, of
 * which one with the same name wins. Watches both, so that a file put there takes effect at once.
 */
import { type FSWatcher, mkdirSync, readdirSync, readFileSync, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RuleFile, SHIPPED_RULES } from '@vitrine/detect';
import { RULES_SETTLE_MS } from '@vitrine/schema';

export interface RuleFolders {
  /** `false` leaves the shipped rules out. */
  builtin: boolean;
  dir: string;
}

export function readRules(folders: RuleFolders): RuleFile[] {
  const files = new Map<string, RuleFile>();
  for (const dir of foldersOf(folders)) {
    for (const name of readdirSync(dir).sort()) {
      if (!/\.ya?ml$/.test(name)) continue;
      const text = readFileSync(join(dir, name), 'utf8');
      files.set(basename(name), { name, text });
    }
  }
  return [...files.values()];
}

/** Calls back once a burst of changes has settled; returns what ends the watch. */
export function watchRules(folders: RuleFolders, onChange: () => void): () => void {
  let settling: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(settling);
    settling = setTimeout(onChange, RULES_SETTLE_MS);
  };
  const watchers: FSWatcher[] = foldersOf(folders).map((dir) => watch(dir, changed));
  return () => {
    clearTimeout(settling);
    for (const watcher of watchers) watcher.close();
  };
}

function foldersOf({ builtin, dir }: RuleFolders): string[] {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return builtin ? [fileURLToPath(SHIPPED_RULES), dir] : [dir];
}
