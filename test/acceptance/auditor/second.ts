/**
 * A second verifier, in Go, written from `docs/reference/log.md` alone: the same code on everything
 * that lies in the auditor's folder.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { inParallel } from '../path/batch.ts';
import { REPOSITORY } from '../path/collector-process.ts';
import { buildGo } from '../path/go.ts';
import { run } from '../path/program.ts';
import { isGiven } from '../path/requirement.ts';
import type { Case } from './case.ts';

const SOURCE = join(REPOSITORY, 'test/interop/verifier');
/** What would show that it was not written from the page alone. */
const OURS = /packages\/|vitrine\.local\/(?!interop)|node_modules/;

export async function agreesWithTheSecond(t: TestContext, audit: Case): Promise<void> {
  const verifier = join(audit.stage.dir, 'second-verifier');
  const without = buildGo(SOURCE, verifier);
  if (!isGiven(t, without === '', without)) return;
  for (const name of readdirSync(SOURCE).filter((file) => file.endsWith('.go'))) {
    assert.doesNotMatch(readFileSync(join(SOURCE, name), 'utf8'), OURS, name);
  }
  const codes = new Set<number>();
  const names = readdirSync(audit.folder).filter((name) => name.endsWith('.vitrine.json'));
  await inParallel(names, async (name) => {
    const ours = await audit.verify(name);
    const other = await run([verifier, name, '--trust', 'trust.txt'], { cwd: audit.folder });
    assert.equal(other.code, ours.code, `${name}: ${ours.stdout}${other.stdout}${other.stderr}`);
    codes.add(ours.code!);
  });
  t.diagnostic(`${names.length} bundles, codes ${[...codes].sort().join(', ')}`);
  assert.ok(codes.has(0) && codes.size > 2, 'it agrees about too little');
}
