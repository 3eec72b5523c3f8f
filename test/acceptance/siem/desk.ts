/**
 * A person at the desk, by command: looks at the connectors, tries them out, stops them, and sees
 * to what was refused. Each deed is seen at the destination, and each cause is also broken.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { adminToken, callApi } from '../path/api.ts';
import { REPOSITORY, Stage } from '../path/collector-process.ts';
import { alertsAbout } from '../path/events.ts';
import { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import { Desk, EFFECT_MS_MAX, HELD_MS, NAME, SECRET, type Status, WRONG } from './desk-rig.ts';

const GUIDE = 'docs/guides/connectors.md';
const GUIDE_COMMANDS_MIN = 10;

export async function worksByCommand(t: TestContext): Promise<void> {
  const desk = await Desk.open(t);
  await desk.serve(await System.up(new Stage(t), desk.settings));
  await looks(desk);
  await triesOut(desk);
  await stopsAndGoesOn(desk);
  await seesToDeadLetters(desk);
  await goesByTheGuide(desk);
  await isInTheLog(desk);
}

async function looks({ system, hook }: Desk): Promise<void> {
  const all = await system.json<Status[]>('connectors', 'list');
  assert.deepEqual(
    all.map(({ name, state, lag, dead }) => [name, state, lag, dead]),
    [
      [NAME, 'running', 0, 0],
      ['lines', 'running', 0, 0],
    ],
  );
  const { text: one } = await callApi(
    system.run,
    adminToken(system.data),
    'GET',
    `/v1/connectors/${NAME}`,
  );
  assert.ok(one.includes(hook.url) && !one.includes(SECRET.slice(6)), one);
  const none = await system.cli('connectors', 'pause', 'nobody', '--reason', 'x');
  assert.notEqual(none.code, 0);
  assert.match(none.stderr, /^error NOT_FOUND: .*nobody(.|\n)*hint: /m);
}

async function triesOut(desk: Desk): Promise<void> {
  const { system, hook } = desk;
  const shown = await system.text('connectors', 'test', NAME, '--dry-run');
  assert.match(shown, new RegExp(`^send: POST ${hook.url}$`, 'm'));
  assert.match(shown, /^webhook-signature: v1,/m);
  assert.match(shown, /"rule":"SELFTEST"/);
  assert.ok(!shown.includes(SECRET.slice(6)), 'the secret is shown');
  assert.equal(hook.connections, 0, 'a dry run connected');
  // The same hook sees the test itself: it would have seen the other.
  const tested = await system.text('connectors', 'test', NAME);
  assert.match(
    tested,
    /^settings +ok .*\n(.*\n)*connect +ok .*\n(.*\n)*send +ok +\d+ ms +HTTP 200/,
  );
  assert.match(tested, /the destination confirmed it/);
  assert.ok(hook.connections > 0 && hook.arrived.at(-1)!.isTest);
  const lines = await system.text('connectors', 'test', 'lines');
  assert.match(lines, /was sent, not confirmable/);
  const [, id] = /test alert (alr_[0-9a-f]{32})/.exec(lines)!;
  await until('the datagram arrives', EFFECT_MS_MAX, () => {
    return desk.datagrams.some((datagram) => datagram.includes(id!)) || undefined;
  });
  desk.keep(WRONG);
  const refused = await system.cli('connectors', 'test', NAME);
  assert.equal(refused.code, 1, refused.stdout);
  assert.match(refused.stdout, /^send +failed +\d+ ms +HTTP 401.*the hook will not have it/m);
  desk.keep(SECRET);
  await hook.close();
  const unheard = await system.cli('connectors', 'test', NAME);
  assert.equal(unheard.code, 1, unheard.stdout);
  assert.match(unheard.stdout, /^connect +failed .*ECONNREFUSED.*nothing listens there/m);
  await hook.open();
  assert.match(await system.text('connectors', 'test', NAME), /confirmed it/);
}

async function stopsAndGoesOn(desk: Desk): Promise<void> {
  const { system, hook } = desk;
  const unreasoned = await system.cli('connectors', 'pause', NAME);
  assert.equal(unreasoned.code, 2, 'a pause without a reason');
  await system.text('connectors', 'pause', NAME, '--reason', 'the SIEM moves');
  const id = await desk.alert('while-paused');
  await until('the other one has it', EFFECT_MS_MAX, () => {
    return desk.datagrams.some((datagram) => datagram.includes(id)) || undefined;
  });
  await sleep(HELD_MS);
  assert.deepEqual(hook.taken('while-paused'), []);
  const { state, lag, pausedBy } = await desk.status();
  assert.deepEqual([state, lag, pausedBy], ['paused', 1, 'person']);
  await system.text('connectors', 'resume', NAME, '--reason', 'it has moved');
  await desk.took('while-paused', id);
  await until('it says so', EFFECT_MS_MAX, async () => {
    const { lastSuccessAt, lag } = await desk.status();
    return (lastSuccessAt !== null && lag === 0) || undefined;
  });
  // Without the pause the very same is there at once.
  await desk.took('not-paused', await desk.alert('not-paused'));
}

async function seesToDeadLetters(desk: Desk): Promise<void> {
  const { system, hook } = desk;
  const first = await desk.dead('refused-1');
  assert.match(first.reason, /^HTTP 422.*the hook will not have it/);
  const { dead, lastError, lastErrorHint } = await desk.status();
  assert.deepEqual([dead, lastError], [1, first.reason]);
  assert.match(lastErrorHint!, /--dry-run/);
  // Nothing was repaired: it dies again, and is not lost.
  const before = hook.arrived.length;
  await system.text('connectors', 'replay', NAME, first.id);
  await until('it was tried', EFFECT_MS_MAX, () => hook.arrived.length > before || undefined);
  assert.deepEqual(hook.taken('refused-1'), []);
  await until('it is dead again', EFFECT_MS_MAX, async () => {
    return (await desk.letters()).some(({ id }) => id === first.id) || undefined;
  });
  const [second, third] = [await desk.dead('refused-2'), await desk.dead('refused-3')];
  hook.status = 200;
  await system.text('connectors', 'replay', NAME, first.id);
  await desk.took('refused-1', first.id);
  const range = `${second.index}..${third.index - 1}`;
  await system.text('connectors', 'replay', NAME, '--range', range, '--reason', 'repaired');
  await desk.took('refused-2', second.id);
  await sleep(HELD_MS);
  assert.deepEqual(hook.taken('refused-3'), [], 'it is outside the range');
  const drop = ['connectors', 'dead-letters', 'drop', NAME, third.id];
  assert.equal((await system.cli(...drop)).code, 2, 'dropped without a reason');
  assert.equal((await desk.letters()).length, 1);
  await system.text(...drop, '--reason', 'told by telephone');
  assert.deepEqual(await desk.letters(), []);
  assert.equal(await system.text('connectors', 'replay', NAME, '--all'), '0 queued\n');
  const again = await system.cli('connectors', 'replay', NAME, third.id);
  assert.equal(again.code, 1, 'what was dropped is no dead letter');
  assert.equal((await alertsAbout(system, 'refused-3')).length, 1, 'the log keeps the alert');
}

/** Each command of the guide, as it stands there; `ALERT` is one that was refused. */
async function goesByTheGuide(desk: Desk): Promise<void> {
  const page = readFileSync(join(REPOSITORY, GUIDE), 'utf8');
  const commands = [...page.matchAll(/^npx --no vitrine (connectors .+)$/gm)].map(([, words]) =>
    [...words!.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word),
  );
  assert.ok(commands.length >= GUIDE_COMMANDS_MIN, `${commands.length} commands`);
  for (const [n, words] of commands.entries()) {
    const letter = words.includes('ALERT') ? await desk.dead(`guide-${n}`) : undefined;
    desk.hook.status = 200;
    const given = words.map((word) => (word === 'ALERT' ? letter!.id : word));
    await desk.system.text(...given);
    if (letter !== undefined && words[1] === 'replay') await desk.took(`guide-${n}`, letter.id);
  }
  await until('no dead letter is left', EFFECT_MS_MAX, async () => {
    return (await desk.letters()).length === 0 || undefined;
  });
}

/** Who did what, and why. */
async function isInTheLog({ system }: Desk): Promise<void> {
  const wanted = [
    [`pause ${NAME}`, 'the SIEM moves'],
    [`resume ${NAME}`, 'it has moved'],
    [`replay ${NAME}`, 'repaired'],
    [`drop ${NAME}`, 'told by telephone'],
  ];
  const token = adminToken(system.data);
  await until('all of it is in the log', EFFECT_MS_MAX, async () => {
    const path = '/v1/events?kind=access&limit=1000';
    const { text } = await callApi(system.run, token, 'GET', path);
    const { items } = JSON.parse(text) as {
      items: {
        record: { target: { name: string }; reason?: string; by: { role: string; token: string } };
      }[];
    };
    const isThere = ([target, reason]: string[]): boolean =>
      items.some(({ record }) => {
        const isBy = record.by.role === 'admin' && record.by.token !== '';
        return record.target.name === target && record.reason === reason && isBy;
      });
    assert.ok(!isThere([`pause ${NAME}`, 'it has moved']), 'the check checks nothing');
    return wanted.every(isThere) || undefined;
  });
}
