/** Files, pipes and what is neither, up to a limit and beyond it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readInput } from './input.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-input-'));
after(() => rmSync(dir, { recursive: true }));

const MODULE = fileURLToPath(new URL('input.ts', import.meta.url));

/** What a process of its own reads from `path`, with `input` on its standard input. */
function readBy(path: string, input: string, shell = ''): string {
  const code = `import { readInput } from ${JSON.stringify(MODULE)};
    console.log(String(await readInput(process.argv[1], 1000)));`;
  const node = [process.execPath, '--input-type=module', '-e', code];
  if (shell === '') {
    return spawnSync(node[0]!, [...node.slice(1), path], { input, encoding: 'utf8' }).stdout;
  }
  const script = `"$@" ${shell}`;
  const args = ['-c', script, 'bash', ...node];
  return spawnSync('bash', args, { input, encoding: 'utf8' }).stdout;
}

describe('the input of a command', () => {
  it('is a file, up to its limit and not beyond', async () => {
    const path = join(dir, 'file');
    writeFileSync(path, 'x'.repeat(100));
    assert.equal((await readInput(path, 100)).toString(), 'x'.repeat(100));
    await assert.rejects(readInput(path, 99), { code: 'FILE_UNREADABLE', message: /larger than/ });
    writeFileSync(path, '');
    assert.equal((await readInput(path, 0)).length, 0);
  });

  it('is standard input, or a pipe that has a name', () => {
    assert.equal(readBy('-', 'by standard input'), 'by standard input\n');
    assert.equal(readBy('', '', '<(printf named)'), 'named\n');
  });

  it('is refused in a sentence where it cannot be read', async () => {
    for (const path of [join(dir, 'nothing'), dir]) {
      await assert.rejects(readInput(path, 100), { code: 'FILE_UNREADABLE' });
    }
  });
});
