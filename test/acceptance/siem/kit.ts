/**
 * Point 1, from outside: one system through three lives, the first of which ends by kill -9, and
 * destinations that are busy, refuse one alert, refuse the secret, or cannot be trusted. At the end
 * nobody has seen a secret but who was meant to.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { isGiven, works } from '../path/requirement.ts';
import { until } from '../path/until.ts';
import { assertHeard, assertNowhere } from './canary.ts';
import type { Came } from './endpoint.ts';
import { KitCase, OPENING } from './kit-case.ts';
import type { Receipt } from './site.ts';
import {
  goesThroughTheProxy,
  neverReachesMetadata,
  showsItsCertificate,
  staysAway,
  trustsByFile,
  waitsForARenewal,
} from './ways-out.ts';

const COMES_MS_MAX = 30_000;
const RETRY_AFTER_MS = 3_000;
/** The first wait without a `Retry-After` is shorter than this. */
const FIRST_WAIT_MS_MAX = 500;
/** Of the other machine's clock and of ours. */
const CLOCK_MS = 20;
const WINDOW_MS = 1_000;
const WINDOW_ALERTS_MAX = 50;
const NS_IN_MS = 1_000_000n;

export async function keepsItsWord(t: TestContext): Promise<void> {
  if (!isGiven(t, works('openssl', 'version'), 'openssl is not here')) return;
  const kit = await KitCase.open(t);
  // Its waits grow with its failures, so it begins first.
  const renewal = waitsForARenewal(kit);
  renewal.catch(() => {});
  await t.test('an address that nobody allowed is not connected to', () => staysAway(kit));
  await t.test('who signs for himself is believed by his file only', () => trustsByFile(kit));
  await t.test('a certificate of ours is shown', () => showsItsCertificate(kit));
  await t.test('a proxy that is named is used', () => goesThroughTheProxy(kit));
  await t.test('an expired certificate is waited for', () => renewal);
  await t.test('Retry-After is waited for', () => waitsAsAsked(kit));
  await t.test('a poison alert is a dead letter, and no other', () => setsAside(kit));
  await t.test('a secret that is refused pauses, and the file is read again', () => reads(kit));
  await t.test('the cursor outlives kill -9 and a restart', () => remembers(kit));
  await t.test('a receipt for each window says what became of each alert', () => tells(kit));
  await t.test('a metadata service is never connected to', () => neverReachesMetadata(kit, t));
  await t.test('the secrets are nowhere but where they belong', () => keepsSecrets(kit));
}

/** Who asks for patience hears nothing until then; who asks for none has none, nor do others. */
async function waitsAsAsked(kit: KitCase): Promise<void> {
  kit.desk.answer = (came) => {
    const { mark } = kit.alertOf(came);
    const tries = kit.comes('/steady', mark).length;
    if (tries > 0 || came.path !== '/steady') return { status: 200 };
    const asked = { 'retry-after': String(RETRY_AFTER_MS / 1_000) };
    if (mark === 'busy') return { status: 429, headers: asked };
    return { status: mark === 'brief' ? 503 : 200 };
  };
  await kit.raise({ mark: 'brief', session: 'brief' });
  const [once, again] = await kit.arrivals('/steady', 'brief', 2);
  const brief = again!.atMs - once!.atMs;
  assert.ok(brief < RETRY_AFTER_MS - FIRST_WAIT_MS_MAX, `it waits anyway: ${brief} ms`);
  await kit.raise({ mark: 'busy', session: 'busy' });
  const [first] = await kit.arrivals('/steady', 'busy', 1);
  await kit.raise({ mark: 'beside', session: 'beside' });
  const [, second] = await kit.arrivals('/steady', 'busy', 2);
  const until = first!.atMs + RETRY_AFTER_MS - CLOCK_MS;
  const early = kit.desk.at('/steady').filter(({ atMs }) => atMs > first!.atMs && atMs < until);
  assert.deepEqual(kit.marksOf(early), []);
  assert.equal(kit.alertOf(first!).id, kit.alertOf(second!).id);
  await kit.arrivals('/steady', 'beside', 1);
  const others = kit.ends.safe.at('/trusted').filter((came) => kit.alertOf(came).mark === 'beside');
  assert.ok(others[0]!.atMs < second!.atMs, 'another destination was held up');
}

/** Of three alerts of one session the second is too much for the destination, for ever. */
async function setsAside(kit: KitCase): Promise<void> {
  kit.desk.answer = (came) => {
    const { mark } = kit.alertOf(came);
    const poison = mark === 'poison' && came.path === '/steady';
    return { status: poison ? 413 : 200, body: poison ? 'too large for this desk' : '' };
  };
  const marks = ['before', 'poison', 'behind'];
  await kit.raise(...marks.map((mark) => ({ mark, session: 'poisoned' })));
  await kit.arrivals('/steady', 'behind', 1);
  const [letter, ...more] = await kit.deadLetters('steady');
  const [refused] = kit.comes('/steady', 'poison');
  assert.deepEqual([letter?.id, more], [kit.alertOf(refused!).id, []]);
  assert.match(letter!.reason, /HTTP 413.*too large for this desk/);
  const order = kit.desk.at('/steady').filter((came) => kit.alertOf(came).subject === 'poisoned');
  assert.deepEqual([...new Set(order.map((came) => kit.alertOf(came).mark))], marks);
}

/** 401 while the file has another secret; the right one is put there, and all of it arrives. */
async function reads(kit: KitCase): Promise<void> {
  const { site, desk } = kit;
  const secret = kit.canaries.locked!;
  const good = (came: Omit<Came, 'status'>): boolean => {
    try {
      return new Webhook(secret).verify(came.body, came.headers) !== undefined;
    } catch {
      return false;
    }
  };
  desk.answer = (came) => {
    if (came.path !== '/locked' || good(came)) return { status: 200 };
    return { status: 401, body: `who are you, ${JSON.stringify(came.headers)}?` };
  };
  await kit.raise({ mark: 'unsigned', session: 'locked' });
  const paused = await site.untilStatus('locked', ({ state }) => state === 'paused');
  assert.match(String(paused.lastError), /HTTP 401/);
  const asked = desk.at('/locked').length;
  await kit.raise({ mark: 'meanwhile', session: 'locked-too' });
  await kit.arrivals('/steady', 'meanwhile', 1);
  await sleep(WINDOW_MS);
  assert.equal(desk.at('/locked').length, asked, 'it goes on asking');
  writeFileSync(kit.secretFile('locked'), `${secret}\n`);
  await kit.arrivals('/locked', 'meanwhile', 1);
  const { state, lag } = await site.untilStatus('locked', (status) => status.lag === 0);
  assert.deepEqual([state, lag], ['running', 0]);
  const taken = desk.at('/locked').filter(({ status }) => status === 200);
  assert.deepEqual(kit.idsOf(taken), kit.idsOf(desk.at('/steady')));
}

/**
 * Killed with one alert on its way, whose answer never came: that one comes again, as it was, and
 * none besides. Who begins at the log's beginning has all, who begins now has what is new.
 */
async function remembers(kit: KitCase): Promise<void> {
  const { site, desk } = kit;
  desk.answer = (came) => {
    return came.path === '/steady' && kit.alertOf(came).mark === 'caught'
      ? 'nothing'
      : { status: 200 };
  };
  await kit.raise({ mark: 'caught', session: 'caught' });
  const [caught] = await kit.arrivals('/steady', 'caught', 1);
  const { cursor } = await site.untilStatus('steady', ({ lag }) => lag === 1);
  assert.ok(cursor < kit.alertOf(caught!).index);
  await site.kill();
  const before = desk.at('/steady').length;
  desk.answer = () => ({ status: 200 });
  await kit.restart({ old: kit.section('/old', 'beginning'), new: kit.section('/new', 'now') });
  const [, again] = await kit.arrivals('/steady', 'caught', 2);
  assert.deepEqual(withoutProof(again!), withoutProof(caught!), 'another alert under its id');
  await kit.raise({ mark: 'second-life', session: 'lives' });
  await kit.arrivals('/new', 'second-life', 1);
  const all = await site.alerts(kit.raised);
  await until('what was before', COMES_MS_MAX, () => {
    return desk.at('/old').length >= all.length || undefined;
  });
  assert.deepEqual(kit.idsOf(desk.at('/old')), all.map(({ id }) => id).sort());
  assert.deepEqual(kit.marksOf(desk.at('/new')), ['second-life']);
  await site.untilStatus('steady', ({ lag }) => lag === 0);
  await site.stop();
  await kit.restart({});
  await kit.raise({ mark: 'third-life', session: 'lives' });
  await kit.arrivals('/steady', 'third-life', 1);
  const since = desk.at('/steady').slice(before);
  assert.deepEqual(kit.marksOf(since), ['caught', 'second-life', 'third-life']);
}

function withoutProof(came: Came): object {
  const { data } = JSON.parse(came.body) as { data: object };
  return { ...data, proof: '' };
}

/** Each alert once, with the leaf that the log has; all of a second in one record. */
async function tells(kit: KitCase): Promise<void> {
  const alerts = await kit.site.alerts(kit.raised);
  const receipts = await until('every alert has its receipt', COMES_MS_MAX, async () => {
    const found = await kit.site.receiptsOf('steady');
    return found.flatMap((one) => one.alerts).length >= alerts.length ? found : undefined;
  });
  const outcomes = receipts.flatMap((receipt) => receipt.alerts);
  const expected = alerts.map(({ id, index, leaf, mark }) => {
    return { id, index, leaf, outcome: mark === 'poison' ? 'dead' : 'delivered' };
  });
  const told = outcomes.map(({ id, index, leaf, outcome }) => ({ id, index, leaf, outcome }));
  assert.deepEqual(
    told.toSorted((a, b) => a.index - b.index),
    expected,
  );
  for (const { type, from, to, alerts: own } of receipts) {
    const indices = own.map(({ index }) => index);
    assert.deepEqual([type, from, to], ['webhook', Math.min(...indices), Math.max(...indices)]);
  }
  assertWindows(receipts);
  assert.ok(receipts.some((receipt) => receipt.alerts.length >= OPENING / 2));
  // The instrument: the receipt of one second in two records.
  const torn = receipts.flatMap((receipt) => {
    return receipt.alerts.map((alert) => ({ ...receipt, alerts: [alert] }));
  });
  assert.throws(() => assertWindows(torn), /two records/);
}

/** Every secret was used, and those that are sent came back in answers; only keys never are. */
async function keepsSecrets({ site, ends, canaries, names }: KitCase): Promise<void> {
  const { steady: _, locked: __, tunnel: ___, ...sent } = canaries;
  assertHeard(sent, JSON.stringify(ends.echo.came));
  const { lastError } = await site.untilStatus('falcon', (status) => status.lastError !== null);
  assert.match(String(lastError), /\[redacted\]/);
  await assertNowhere(site, canaries, names);
}

/** Between the first outcomes of two records lies a window, if the former was not full. */
function assertWindows(receipts: Receipt[]): void {
  const firsts = receipts.map(({ alerts }) => Number(BigInt(alerts[0]!.at) / NS_IN_MS));
  for (const [i, first] of firsts.entries()) {
    const last = receipts[i - 1];
    if (last === undefined || last.alerts.length === WINDOW_ALERTS_MAX) continue;
    const isSame = first - firsts[i - 1]! < WINDOW_MS - CLOCK_MS;
    assert.ok(
      !isSame,
      `two records of one window: ${JSON.stringify(receipts.slice(i - 1, i + 1))}`,
    );
  }
}
