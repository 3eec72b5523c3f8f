/**
 * The real Claude Code in the sandbox, as `npm run demo -- --agent claude-code` runs it. Skipped
 * where it is not in the cache, unless VITRINE_REQUIRE=all: then it is installed.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { detectMachine } from '@vitrine/shim';
import { CLAUDE_CODE_VERSION, installedClaude } from './install.ts';

const CLI = fileURLToPath(new URL('../../../bin/vitrine.mjs', import.meta.url));
const DEMO_MS_MAX = 300_000;
const { bwrap, strace } = detectMachine();

function skipped(): string | false {
  if (process.env.VITRINE_REQUIRE === 'all') return false;
  if (!bwrap || !strace) return 'needs strace and bubblewrap';
  if (installedClaude() !== undefined) return false;
  const installs = 'npm run demo -- --agent claude-code installs it';
  return `needs Claude Code ${CLAUDE_CODE_VERSION}: ${installs}`;
}

function demo(dir: string): Promise<{ code: number; out: string }> {
  const args = ['demo', '--agent', 'claude-code', '--exit', '--no-dashboard', '--data', dir];
  return new Promise((resolve) => {
    const options = { timeout: DEMO_MS_MAX, cwd: dir };
    execFile(process.execPath, [CLI, ...args], options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, out: out + err });
    });
  });
}

describe('the real Claude Code', { skip: skipped(), timeout: 2 * DEMO_MS_MAX }, () => {
  it('tells the same in both its ways, and kernel and proxy stand beside', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'vitrine-live-'));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    // Other tests may want the usual ports.
    writeFileSync(join(dir, 'vitrine.yaml'), '{listen: {api: 0, otlp_http: 0, otlp_grpc: 0}}');
    const { code, out } = await demo(dir);
    assert.equal(code, 0, out);
    assert.match(out, /\nALERT {2}critical {2}Foreign credential on an allowed provider host\n/);
    const counts = (kind: string): number[] => {
      const [, agent, boundary] = new RegExp(`\\n +${kind} +(\\d+|-) +(\\d+|-)\\n`).exec(out) ?? [];
      return [agent, boundary].map((count) => Number(count === '-' ? 0 : count));
    };
    assert.deepEqual(counts('tool.call'), [7, 0]);
    assert.deepEqual(counts('tool.result'), [12, 0]);
    assert.deepEqual(counts('approval.decision'), [7, 0]);
    assert.deepEqual(counts('approval.request'), [1, 0]);
    assert.deepEqual(counts('agent.spawn'), [1, 0]);
    assert.deepEqual(counts('session.start'), [1, 1], 'its own word, and that of the run');
    assert.ok(counts('model.request')[0]! >= 9);
    assert.ok(counts('process.exec')[1]! >= 5);
    assert.match(out, /6 of the 6 allowed ones told by hooks and telemetry alike/);
    assert.match(out, /6 of these by a span too, of \d{2,}; [1-9]\d* metrics/);
  });
});
