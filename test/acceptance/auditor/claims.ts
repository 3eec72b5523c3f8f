/**
 * Every claim, made by the system and judged in the auditor's folder: proven as it is, refused with
 * its cause broken. A day that is over is in the golden bundles: no test waits for midnight.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type Case, promptOf, SESSION } from './case.ts';

const [TAMPERED, INCOMPLETE, UNTRUSTED] = [1, 3, 4];
const PIN = ['--pin', 'first.pin'];

interface Bundle {
  claim: Record<string, unknown>;
  chains: { chain: string; records: string[]; parts: Record<string, object> }[];
  attached: { index: number }[];
  neighbours?: object[];
  consistency?: object;
}

export async function provesSession(audit: Case): Promise<void> {
  await audit.export('session.vitrine.json', '--session', SESSION);
  const said = await audit.assertCode(0, 'session.vitrine.json', '--require-parts');
  assert.match(said, /nothing is missing/);
  const without = edit(audit, 'session.vitrine.json', ({ chains }) => {
    chains.find(({ chain }) => chain.endsWith('/in'))!.records.pop();
  });
  assert.notEqual((await audit.verify(without)).code, 0, 'its last record was left out');
  const half = edit(audit, 'session.vitrine.json', (bundle) => {
    bundle.chains = bundle.chains.filter(({ chain }) => !chain.endsWith('/in'));
  });
  await audit.assertCode(INCOMPLETE, half);
}

export async function provesRange(audit: Case): Promise<void> {
  const range = ['--chain', `${SESSION}/in`, '--first', '100', '--last', '140'];
  await audit.export('range.vitrine.json', ...range);
  await audit.assertCode(0, 'range.vitrine.json');
  const more = edit(audit, 'range.vitrine.json', ({ claim }) => {
    claim.last = 141;
  });
  await audit.assertCode(INCOMPLETE, more);
  const hole = edit(audit, 'range.vitrine.json', ({ chains }) => {
    chains[0]!.records.splice(20, 1);
  });
  await audit.assertCode(INCOMPLETE, hole);
  await audit.assertCode(TAMPERED, audit.change('range.vitrine.json', 'tool-120', 'tool-121'));
}

export async function provesEvent(audit: Case): Promise<void> {
  const event = (await audit.events())[7]!;
  await audit.export('event.vitrine.json', '--event', `${event.log}/${event.index}`);
  await audit.assertCode(0, 'event.vitrine.json');
  const other = edit(audit, 'event.vitrine.json', ({ claim }) => {
    claim.index = event.index + 1;
  });
  await audit.assertCode(INCOMPLETE, other);
  await audit.assertCode(TAMPERED, audit.change('event.vitrine.json', 'tool-7', 'tool-8'));
}

export async function provesAbsence(audit: Case): Promise<void> {
  await audit.export('absent.vitrine.json', '--absent', 'broken-in');
  assert.match(await audit.assertCode(0, 'absent.vitrine.json'), /broken-in/);
  const present = edit(audit, 'absent.vitrine.json', ({ claim }) => {
    claim.session = SESSION;
  });
  await audit.assertCode(TAMPERED, present);
  const alone = edit(audit, 'absent.vitrine.json', (bundle) => {
    bundle.neighbours = bundle.neighbours!.slice(0, 1);
  });
  await audit.assertCode(TAMPERED, alone);
  // What is there cannot be had as absent, nor a day that is not over.
  const refused = async (...args: string[]): Promise<string> => {
    const ran = await audit.system.cli('export', ...args, '-o', audit.path('refused'));
    assert.equal(ran.code, 1, ran.stdout);
    return ran.stderr;
  };
  assert.match(await refused('--absent', SESSION), /^error CLAIM_FALSE: /);
  const today = new Date().toISOString().slice(0, 10);
  assert.match(await refused('--inactive', 'broken-in', '--day', today), /^error [A-Z_]+: /);
}

export async function provesThatNothingWasRewritten(audit: Case): Promise<void> {
  await audit.export('pinned.vitrine.json', '--session', SESSION, '--pin', audit.path('first.pin'));
  assert.match(await audit.assertCode(0, 'pinned.vitrine.json', ...PIN), /pin/);
  await audit.export('plain.vitrine.json', '--session', SESSION);
  await audit.assertCode(INCOMPLETE, 'plain.vitrine.json', ...PIN);
  // A pin of a later visit: the bundle is of a log before it.
  await audit.tell(600, 610);
  const trust = ['--trust', audit.path('trust.txt')];
  await audit.system.text('checkpoint', ...trust, '--pin', audit.path('later.pin'));
  await audit.assertCode(UNTRUSTED, 'plain.vitrine.json', '--pin', 'later.pin');
  const flipped = audit.change('pinned.vitrine.json', /("proof":\[")(.)/, '$1%');
  assert.notEqual((await audit.verify(flipped, ...PIN)).code, 0);
}

export async function redactsAndStillProves(audit: Case): Promise<void> {
  const event = (await audit.events())[11]!;
  const what = ['--part', 'prompt', '--reason', 'case 17'];
  await audit.system.text('redact', '--event', `${event.log}/${event.index}`, ...what);
  await audit.export('redacted.vitrine.json', '--session', SESSION);
  assert.ok(
    !audit.text('redacted.vitrine.json').includes(Buffer.from(promptOf(11)).toString('base64')),
  );
  assert.match(await audit.assertCode(0, 'redacted.vitrine.json'), /redact/i);
  // Left out without a record of it, the same part is missing.
  const silent = edit(audit, 'redacted.vitrine.json', (bundle) => {
    bundle.attached = [];
  });
  await audit.assertCode(INCOMPLETE, silent);
  const part = edit(audit, 'session.vitrine.json', ({ chains }) => {
    const parts = chains.find(({ chain }) => chain.endsWith('/in'))!.parts;
    delete parts['20'];
  });
  await audit.assertCode(INCOMPLETE, part);
}

function edit(audit: Case, name: string, change: (bundle: Bundle) => void): string {
  const bundle = JSON.parse(audit.text(name)) as Bundle;
  change(bundle);
  writeFileSync(audit.path(`edited-${name}`), JSON.stringify(bundle));
  return `edited-${name}`;
}
