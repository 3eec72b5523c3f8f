/** `dist/vitrine-verify.mjs`, built anew: what is tested is what the sources say now. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { buildVerifier } from '../../scripts/verifier.mjs';

export async function buildVerifierFile(t: TestContext): Promise<{ path: string; text: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-verifier-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'vitrine-verify.mjs');
  await buildVerifier(path);
  return { path, text: readFileSync(path, 'utf8') };
}
