import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepOf } from '../../../ui/tree/step.ts';
import { buildTree } from './build.ts';
import { eventsFrom, hooked } from './fixture.ts';
import { walk } from './node.ts';
import { closableIds, seenAncestor, visibleRows } from './rows.ts';

const ROOT = buildTree(
  's',
  eventsFrom([
    ...hooked({ name: 'Read', use_id: 'u1' }, [1, 2]),
    ...hooked({ name: 'Bash', use_id: 'u2' }, [3, 4]),
    ...hooked({ name: 'Read', use_id: 'u1' }, [5, 6], { prompt: 'p2' }),
  ]),
);
const ALL = visibleRows(ROOT, new Set());
const PROMPTS = closableIds(walk(ROOT));

test('rows carry their level and their place among siblings', () => {
  assert.deepEqual(
    ALL.map(({ node, level, position, siblings }) => [node.type, level, position, siblings]),
    [
      ['session', 1, 1, 1],
      ['prompt', 2, 1, 2],
      ['tool', 3, 1, 2],
      ['tool', 3, 2, 2],
      ['prompt', 2, 2, 2],
      ['tool', 3, 1, 1],
    ],
  );
});

test('nothing below a closed node is a row', () => {
  const rows = visibleRows(ROOT, new Set(PROMPTS));
  assert.deepEqual(
    rows.map(({ node, isOpen }) => [node.type, isOpen]),
    [
      ['session', true],
      ['prompt', false],
      ['prompt', false],
    ],
  );
});

test('what is selected in a node that is closed gives way to that node', () => {
  const tool = ALL[2]!.node.id;
  assert.equal(seenAncestor(ROOT, new Set(), tool), tool);
  assert.equal(seenAncestor(ROOT, new Set(PROMPTS), tool), PROMPTS[0]);
  assert.equal(seenAncestor(ROOT, new Set(['session', ...PROMPTS]), tool), 'session');
  assert.equal(seenAncestor(ROOT, new Set(), 'gone'), 'session');
});

test('left closes, then goes to the parent; right opens, then goes in', () => {
  const closed = visibleRows(ROOT, new Set(PROMPTS));
  assert.deepEqual(stepOf(closed, 1, 'ArrowRight', 10), { open: PROMPTS[0] });
  assert.deepEqual(stepOf(ALL, 1, 'ArrowRight', 10), { to: ALL[2]!.node.id });
  assert.deepEqual(stepOf(ALL, 2, 'ArrowRight', 10), {});
  assert.deepEqual(stepOf(ALL, 1, 'ArrowLeft', 10), { close: PROMPTS[0] });
  assert.deepEqual(stepOf(ALL, 3, 'ArrowLeft', 10), { to: PROMPTS[0] });
  assert.deepEqual(stepOf(closed, 1, 'ArrowLeft', 10), { to: 'session' });
});

test('up, down, j, k, pages and ends stay inside', () => {
  const to = (at: number, key: string) => stepOf(ALL, at, key, 4)?.to;
  const id = (at: number) => ALL[at]!.node.id;
  assert.equal(to(0, 'ArrowUp'), id(0));
  assert.equal(to(1, 'k'), id(0));
  assert.equal(to(5, 'j'), id(5));
  assert.equal(to(0, 'ArrowDown'), id(1));
  assert.equal(to(0, 'PageDown'), id(4));
  assert.equal(to(3, 'PageUp'), id(0));
  assert.equal(to(3, 'Home'), id(0));
  assert.equal(to(0, 'End'), id(5));
  assert.equal(stepOf(ALL, 0, 'x', 4), undefined);
});
