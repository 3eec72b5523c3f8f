import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { nextTurn, readScript } from './script.ts';

const script = readScript({ WORKSPACE: '/w', NODE: '/n' });
const [main, counting] = script as [(typeof script)[0], (typeof script)[0]];

/** A request after so many results of tools. */
function request(prompt: string, results: number): unknown {
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x' }] };
  const messages = [
    { role: 'user', content: [{ type: 'text', text: `<system-reminder/>${prompt}` }] },
    ...Array.from({ length: results }, () => result),
  ];
  return { messages };
}

describe('the script of the stand-in model', () => {
  it('names the places it is given and keeps everything else', () => {
    assert.equal(main.steps[0]?.input.file_path, '/w/notes.md');
    assert.match(String(main.steps[3]?.input.command), /^\/n upload\.mjs /);
    assert.ok(!JSON.stringify(script).includes('WORKSPACE'));
  });

  it('takes one step after each result, then answers', () => {
    for (const [i, call] of main.steps.entries()) {
      assert.deepEqual(nextTurn(script, request(main.prompt, i)), { call });
    }
    const end = nextTurn(script, request(main.prompt, main.steps.length));
    assert.deepEqual(end, { text: main.answer });
  });

  it('tells the conversation of the subagent apart, and knows no others', () => {
    const turn = nextTurn(script, request(counting.prompt, 0));
    assert.deepEqual(turn, { call: counting.steps[0] });
    for (const odd of [request('hello', 0), {}, null, { messages: [null, 7] }]) {
      assert.deepEqual(nextTurn(script, odd), { text: 'ok' });
    }
  });

  it('is refused by name when it is none', () => {
    const dir = mkdtempSync(join(tmpdir(), 'vitrine-script-'));
    const path = join(dir, 'model.json');
    writeFileSync(path, '[{"prompt":"x","steps":[{}],"answer":"y"}]');
    assert.throws(() => readScript({ WORKSPACE: '', NODE: '' }, path), { code: 'DEMO_FAILED' });
    rmSync(dir, { recursive: true });
  });
});
