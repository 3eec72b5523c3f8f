import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Source, TreeNode } from './tree/node.ts';
import { bytesText, flowText, shortPath, sourceSentence, sourceWords, timeText } from './words.ts';

function node(type: TreeNode['type'], sources: Source[], more: Partial<TreeNode> = {}): TreeNode {
  return { id: 'x', type, name: 'x', order: 0n, leaves: [], children: [], sources, ...more };
}

test('who told is said, and who was silent where both could have told', () => {
  assert.equal(sourceWords(node('tool', ['hook', 'telemetry'])), 'hook + telemetry');
  assert.equal(sourceWords(node('tool', ['telemetry'])), 'telemetry only');
  assert.equal(sourceWords(node('model', ['telemetry'])), 'telemetry');
  assert.equal(sourceWords(node('tool', ['other'])), 'agent');
  assert.equal(sourceWords(node('agent', [])), '');
  assert.match(sourceSentence(node('tool', ['hook'])), /hook only: telemetry said nothing/);
  assert.match(sourceSentence(node('tool', ['telemetry'])), /telemetry only: the hooks said/);
  assert.match(sourceSentence(node('agent', [])), /No event tells of it/);
});

test('what went in and out is in bytes, tokens or characters, and ? where nobody said', () => {
  assert.equal(flowText(node('tool', [], { inputBytes: 35, outputBytes: 1_234 })), '35 B → 1.2 kB');
  assert.equal(flowText(node('tool', [], { inputBytes: 35 })), '35 B → ?');
  assert.equal(flowText(node('model', [], { tokensIn: 10 })), '10 → ? tokens');
  assert.equal(flowText(node('prompt', [], { length: 36 })), '36 characters');
  assert.equal(flowText(node('tool', [])), '');
  assert.deepEqual([999, 10_000, 2_500_000].map(bytesText), ['999 B', '10 kB', '2.5 MB']);
});

test('a call without an end says so', () => {
  assert.equal(timeText(node('tool', [], { span: { start: 1n, by: 'hook' } })), 'no end seen');
  assert.equal(timeText(node('tool', [], { durationMs: 9 })), '9 ms');
  assert.equal(timeText(node('note', [])), '');
});

test('a long path is shown by its end; what is none stays', () => {
  assert.equal(shortPath('/a/very/long/path/to/some/folder/file.txt'), '…/folder/file.txt');
  assert.equal(shortPath('/short/file.txt'), '/short/file.txt');
  const sentence = 'agent:builtin:general-purpose-and-more';
  assert.equal(shortPath(sentence), sentence);
  const name = `/${'x'.repeat(40)}`;
  assert.equal(shortPath(name), name);
});
