/**
 * `node test/attacks/write.ts DIR` writes the bundles of the attack table, each with what it is
 * verified with and the code it must get: `<id>.vitrine.json` and `<id>.json`; the same without
 * the attack is `<id>.sound.…`. Other verifiers are run over these files.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Subject } from './row.ts';
import { BUNDLE_ROWS } from './table.ts';

/** Longer ones are refused for their length alone; nobody needs them on a disk. */
const WRITTEN_BYTES_MAX = 64 * 1_048_576;

/** The ids that were written. */
export function writeAttacks(dir: string): string[] {
  mkdirSync(dir, { recursive: true });
  const ids: string[] = [];
  for (const { id, code, make } of BUNDLE_ROWS) {
    const { sound, attacked } = make();
    if (attacked.bundle.length > WRITTEN_BYTES_MAX) continue;
    ids.push(write(dir, `${id}.sound`, sound, 0), write(dir, id, attacked, code));
  }
  return ids;
}

function write(dir: string, id: string, { bundle, args }: Subject, code: number): string {
  writeFileSync(join(dir, `${id}.vitrine.json`), bundle);
  writeFileSync(join(dir, `${id}.json`), `${JSON.stringify({ id, args, code }, null, 1)}\n`);
  return id;
}

if (import.meta.main) {
  const [dir] = process.argv.slice(2);
  if (dir === undefined) throw new Error('usage: node test/attacks/write.ts DIR');
  console.log(`${writeAttacks(dir).length} bundles in ${dir}`);
}
