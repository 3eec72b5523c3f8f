/**
 * The evidence of a session: exported, taken to a folder where nothing of the system is, and
 * checked there against a trust file that was written before. With one byte changed it never
 * passes.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Stage } from './collector-process.ts';
import { damagesEverywhere } from './damage.ts';
import { closedEventsOf } from './events.ts';
import { agreesWithGolden } from './golden.ts';
import { System, vitrineIn } from './system.ts';

const SESSION = 'recorded';
const FILES = { session: 'session.vitrine.json', event: 'event.vitrine.json', trust: 'trust.txt' };
const STRICT = ['--require-closed', '--require-lossless', '--require-parts'];
/** Where the engine keeps the rows of the log, as a link. */
const RECORDS = 'store/data/data/vitrine/records';

export async function provesTheRecord(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  const folder = join(stage.dir, 'auditor');
  mkdirSync(folder);
  const counted = await exportsEvidence(stage, folder);
  assert.deepEqual(readdirSync(folder).sort(), Object.values(FILES).sort());
  await t.test('proves the session, and says what is not proven', () => {
    return provesSession(folder, counted);
  });
  await t.test('proves one event', () => provesEvent(folder));
  await t.test('trusts nobody without a trust file, nor with another', () => {
    return trustsNobody(stage, folder);
  });
  await t.test('finds one changed byte wherever it is', (c) => damagesEverywhere(c, folder, FILES));
  await t.test('agrees with the golden bundles', (c) => agreesWithGolden(c));
  await t.test('fsck finds nothing, until a byte of the store is changed', () => {
    return checksTheStore(stage);
  });
}

interface Counted {
  records: number;
  chains: string[];
  /** Index of the event that is exported. */
  index: number;
}

/** The trust file first, then the session, the bundles, and the end of the system. */
async function exportsEvidence(stage: Stage, folder: string): Promise<Counted> {
  const system = await System.up(stage);
  writeFileSync(join(folder, FILES.trust), await system.text('trust'));
  const workspace = join(stage.dir, 'workspace');
  mkdirSync(workspace);
  await system.text(
    ...['run', '--session', SESSION, '--workspace', workspace, '--allow-unsandboxed'],
    ...['--', 'sh', '-c', 'echo one > a; cat a > b; rm a'],
  );
  const rows = await closedEventsOf(system, SESSION);
  const chains = [...new Set(rows.map((row) => `${row.session}/${row.shim}`))].sort();
  const event = rows.find((row) => row.kind === 'session.start');
  assert.ok(event !== undefined, 'the session did not start');
  await system.text('export', '--session', SESSION, '-o', join(folder, FILES.session));
  const name = `${event.log}/${event.index}`;
  await system.text('export', '--event', name, '-o', join(folder, FILES.event));
  assert.match(await system.text('fsck'), /^ok: /m);
  await system.stop();
  return { records: rows.length, chains, index: event.index };
}

async function provesSession(folder: string, { records, chains }: Counted): Promise<void> {
  const args = ['verify', FILES.session, '--trust', FILES.trust, ...STRICT];
  const { code, stdout, stderr } = await vitrineIn(folder, ...args);
  assert.equal(code, 0, stdout + stderr);
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
  const [proven = '', notProven = ''] = stdout.split('not proven');
  assert.match(proven, /nothing is missing/);
  assert.match(proven, new RegExp(`from ${time} to ${time}`));
  assert.ok(proven.includes(`${records} records in ${chains.length} chains`), proven);
  for (const chain of chains) assert.ok(proven.includes(`${chain} (`), chain);
  assert.match(notProven, /every event was captured/);
  assert.match(notProven, /what the sources said is true/);
}

async function provesEvent(folder: string): Promise<void> {
  const { code, stdout, stderr } = await vitrineIn(
    folder,
    ...['verify', FILES.event, '--trust', FILES.trust],
  );
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /Leaf \d+ is in the log, unchanged/);
}

async function trustsNobody(stage: Stage, folder: string): Promise<void> {
  const alone = await vitrineIn(folder, 'verify', FILES.session);
  assert.equal(alone.code, 4, alone.stdout);
  assert.match(alone.stderr, /nothing is trusted/);
  const foreign = join(stage.dir, 'foreign-trust.txt');
  const trust = readFileSync(join(folder, FILES.trust), 'utf8');
  writeFileSync(foreign, trust.replace(/^log [^/]+/m, 'log elsewhere.example'));
  const other = await vitrineIn(folder, 'verify', FILES.session, '--trust', foreign);
  assert.notEqual(other.code, 0, other.stdout);
}

/** Of a stopped system: the command opens the store by itself. */
async function checksTheStore(stage: Stage): Promise<void> {
  const clean = await vitrineIn(stage.dir, 'fsck', '--data', stage.data);
  assert.equal(clean.code, 0, clean.stdout + clean.stderr);
  assert.match(clean.stdout, /^ok: /m);
  const table = realpathSync(join(stage.data, RECORDS));
  const files = readdirSync(table, { recursive: true }).map(String);
  const rows = files.filter((name) => name.endsWith('.bin'));
  assert.ok(rows.length > 0, 'there is nothing to change');
  for (const name of rows) changeOneByte(join(table, name));
  const changed = await vitrineIn(stage.dir, 'fsck', '--data', stage.data);
  assert.equal(changed.code, 1, changed.stdout + changed.stderr);
}

function changeOneByte(path: string): void {
  const bytes = readFileSync(path);
  if (bytes.length === 0) return;
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
}
