import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import type { EventItem } from '@vitrine/schema/api';
import { memoryIo } from '../../print/memory-io.ts';
import { printCounts, printSeen, seenIn } from './seen.ts';

function event(kind: string, signal: string, record: JsonObject = {}): EventItem {
  const agent = { id: 'main', session: 's', ...(record.agent as JsonObject) };
  const vantage = signal === '' ? 'boundary' : 'agent';
  const source = signal === '' ? {} : { signal };
  return { kind, vantage, record: { kind, source, ...record, agent } } as unknown as EventItem;
}

const call = (id: string, agent: JsonObject = {}) => ({ tool: { use_id: id }, agent });
const decided = (id: string, value: string): EventItem =>
  event('approval.decision', 'log', { ...call(id), decision: { value } });

const whole = [
  event('prompt.submit', 'hook', { prompt: { id: 'p' } }),
  event('prompt.submit', 'log', { prompt: { id: 'p' } }),
  event('model.request', 'log'),
  event('tool.call', 'hook', call('1')),
  decided('1', 'accept'),
  event('tool.result', 'hook', call('1')),
  event('tool.result', 'log', call('1')),
  event('tool.call', 'hook', call('2')),
  decided('2', 'reject'),
  event('agent.stop', 'log', { agent: { id: 'a1', parent_id: 'main' } }),
  event('process.exec', ''),
  event('other', 'span', call('1')),
  event('other', 'span'),
  event('other', 'metric'),
];

describe('what was seen of Claude Code', () => {
  it('joins hooks and telemetry call by call', () => {
    assert.deepEqual(seenIn(whole), {
      calls: 2,
      joined: 1,
      spanned: 1,
      spans: 2,
      metrics: 1,
      decisions: { accept: 1, reject: 1 },
      subagents: 1,
      prompts: 1,
      requests: 1,
      programs: 1,
    });
  });

  it('misses a call that one of them does not tell', () => {
    for (const missing of [3, 5, 6]) {
      assert.equal(seenIn(whole.toSpliced(missing, 1)).joined, 0, `${whole[missing]!.kind}`);
    }
  });

  it('does not take the same number of two agents for one call', () => {
    const other = { ...call('1'), agent: { id: 'a1' } };
    const moved = whole.toSpliced(6, 1, event('tool.result', 'log', other));
    assert.equal(seenIn(moved).joined, 0);
  });

  it('prints a line for each kind and a column for each vantage', () => {
    const io = memoryIo();
    printCounts(io, whole);
    printSeen(io, seenIn(whole));
    const lines = io.lines.map((line) => line.trim().replace(/ +/g, ' '));
    assert.equal(lines[0], 'kind agent boundary');
    assert.ok(lines.includes('tool.result 2 -'));
    assert.ok(lines.includes('process.exec - 1'));
    assert.ok(lines.includes('1 of the 1 allowed ones told by hooks and telemetry alike'));
    assert.ok(lines.includes('1 of these by a span too, of 2; 1 metrics'));
  });
});
