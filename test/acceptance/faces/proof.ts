/**
 * The proof of a row, made in the browser. Whoever holds the wire between the dashboard and the log
 * changes the path, the root, the record or the key: the row turns broken, in words.
 */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { type Alter, alterJson } from './api-proxy.ts';
import type { Tab } from './browser.ts';
import type { House } from './house.ts';
import { push } from './push.ts';
import { rowsWith, stateOf, write } from './timeline.ts';

const STEPS = ['Leaf', 'Path', 'Root', 'Signature', 'Trusted key'];
const SESSION = 'proven';
const PATH = '/proven/file';
const BUNDLE = /^\/v1\/events\/[^/]+\/\d+\/bundle/;
const TRUST = /^\/v1\/trust/;

interface Bundle {
  checkpoint: string;
  claim: { index: number };
  attached: { index: number; record: string; proof: string[] }[];
}

export async function verifiesARow(house: House): Promise<void> {
  await push(house.system, SESSION, [write(PATH), write('/proven/other')]);
  const tab = await openRow(house);
  const asked = await askedWhile(tab, async () => {
    await openProof(tab);
    await verdict(tab).getByText('Proven in this browser').waitFor();
  });
  assert.deepEqual(
    await stepWords(tab),
    STEPS.map((step) => `${step} holds`),
  );
  await badgeOf(tab, 'sealed').waitFor();
  assert.deepEqual(asked.map(kindOf).sort(), ['bundle', 'trust'], asked.join());
  tab.assertSound();
  await tab.close();
}

export async function findsAnotherPath(house: House): Promise<void> {
  const lies = alterLeaf(({ proof, ...leaf }) => ({
    ...leaf,
    proof: [flipped(proof[0]!), ...proof.slice(1)],
  }));
  await turnsBroken(house, lies, 'Root fails', /path leads to another root/);
}

export async function findsAnotherRoot(house: House): Promise<void> {
  const lies = alterJson(BUNDLE, (bundle: Bundle) => {
    const [origin, size, root, ...rest] = bundle.checkpoint.split('\n');
    return { ...bundle, checkpoint: [origin, size, flipped(root!), ...rest].join('\n') };
  });
  await turnsBroken(house, lies, 'Signature fails', /(path leads to another root|signature)/);
}

export async function findsAnotherRecord(house: House): Promise<void> {
  const lies = alterLeaf(({ record, ...leaf }) => ({
    ...leaf,
    record: record.replace(PATH, '/proven/lied'),
  }));
  await turnsBroken(house, lies, 'Leaf fails', /does not hash to the leaf/);
}

/** The record of the row itself, in the list. */
export async function findsAnotherRow(house: House): Promise<void> {
  const list = /^\/v1\/sessions\/[^/]+\/events/;
  house.wire.alter = (path, { status, body }) => {
    if (!list.test(path)) return undefined;
    return { status, body: Buffer.from(body.toString().replaceAll(PATH, '/proven/lied')) };
  };
  const tab = await house.tab(`/s/${SESSION}`);
  const row = rowsWith(tab, '/proven/lied');
  await stateOf(row, 'broken').waitFor();
  assert.match(await titleIn(row), /does not hash to its leaf/);
  house.wire.restore();
  await tab.page.reload();
  await badgeOf(tab, 'sealed').waitFor();
  await tab.close();
}

/** Another key from the first on; and another one than was pinned. */
export async function findsAnotherKey(house: House): Promise<void> {
  const foreign: Alter = (path, { status, body }) =>
    TRUST.test(path) ? { status, body: Buffer.from(anotherKey(body.toString())) } : undefined;
  await turnsBroken(house, foreign, 'Trusted key fails', /trusted keys|not signed/);
  const tab = await openRow(house);
  await openProof(tab);
  await verdict(tab).getByText('Proven in this browser').waitFor();
  house.wire.alter = foreign;
  await tab.page.getByRole('button', { name: 'Verify again' }).click();
  await verdict(tab)
    .getByText(/names another key now/)
    .waitFor();
  await badgeOf(tab, 'broken').waitFor();
  house.wire.restore();
  await tab.close();
}

/** Under a lie the row is broken in words, without it sealed again. No server judges. */
async function turnsBroken(house: House, lies: Alter, step: string, says: RegExp): Promise<void> {
  house.wire.alter = lies;
  const tab = await openRow(house);
  await badgeOf(tab, 'sealed').waitFor();
  const asked = await askedWhile(tab, async () => {
    await openProof(tab);
    await verdict(tab).getByText('broken').waitFor();
  });
  assert.match((await verdict(tab).textContent())!, says);
  const steps = await stepWords(tab);
  assert.ok(steps.includes(step), `${steps}`);
  await badgeOf(tab, 'broken').waitFor();
  assert.deepEqual(asked.map(kindOf).sort(), ['bundle', 'trust'], asked.join());
  tab.assertSound();
  await tab.close();
  house.wire.restore();
  const honest = await openRow(house);
  await openProof(honest);
  await verdict(honest).getByText('Proven in this browser').waitFor();
  await honest.close();
}

async function openRow(house: House): Promise<Tab> {
  const tab = await house.tab(`/s/${SESSION}`);
  await rowsWith(tab, PATH).click();
  await tab.page.getByRole('tab', { name: 'Proof' }).waitFor();
  return tab;
}

function openProof({ page }: Tab): Promise<void> {
  return page.getByRole('tab', { name: 'Proof' }).click();
}

export function verdict({ page }: Tab) {
  return page.getByRole('region', { name: 'Proof' }).getByRole('status').first();
}

function badgeOf(tab: Tab, state: string) {
  return stateOf(rowsWith(tab, PATH), state);
}

/** `Leaf holds`, for each of the five steps. */
async function stepWords({ page }: Tab): Promise<string[]> {
  const steps = page.getByRole('list', { name: 'Steps of the proof' }).getByRole('listitem');
  const titles = await steps.locator('p:first-child').allTextContents();
  return titles.flatMap((title) => {
    const step = STEPS.find((name) => title.startsWith(name));
    return step === undefined ? [] : [`${step} ${title.slice(step.length)}`];
  });
}

async function titleIn(row: ReturnType<typeof rowsWith>): Promise<string> {
  return (await row.getByText('broken').getAttribute('title')) ?? '';
}

const OWN_CODE = /^\/(_next\/|icon\.svg)/;

/** What the page asks its server for meanwhile, but for its own code. */
async function askedWhile(tab: Tab, act: () => Promise<void>): Promise<string[]> {
  const before = tab.requested.length;
  await act();
  return tab.requested.slice(before).filter((path) => !OWN_CODE.test(path));
}

function kindOf(path: string): string {
  const api = path.replace(/^\/api/, '');
  return BUNDLE.test(api) ? 'bundle' : TRUST.test(api) ? 'trust' : path;
}

/** Changes the leaf that the bundle is about. */
function alterLeaf(change: (leaf: Bundle['attached'][number]) => unknown): Alter {
  return alterJson(BUNDLE, (bundle: Bundle) => ({
    ...bundle,
    attached: bundle.attached.map((leaf) =>
      leaf.index === bundle.claim.index ? change(leaf) : leaf,
    ),
  }));
}

/** The same hash but for one bit. */
function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[0]! ^= 1;
  return bytes.toString('base64');
}

const SIGNATURE_TYPE_ED25519 = 1;

/** The trust file with a key of our own under the same name (C2SP signed-note). */
function anotherKey(trust: string): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const key = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const typed = Buffer.concat([Buffer.of(SIGNATURE_TYPE_ED25519), key]);
  return trust.replaceAll(/^log ([^+\s]+)\+\S+$/gm, (_line, name: string) => {
    const hash = createHash('sha256').update(`${name}\n`).update(typed).digest();
    return `log ${name}+${hash.subarray(0, 4).toString('hex')}+${typed.toString('base64')}`;
  });
}
