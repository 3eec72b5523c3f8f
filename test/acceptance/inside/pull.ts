/**
 * How the host takes it: from a socket that appears in a directory, through the socket of a virtual
 * machine monitor, over TLS with certificates for both sides; and that a sandbox which goes is
 * taken to its end. Certificates are made by OpenSSL, as an operator makes them.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { adminToken, callApi } from '../path/api.ts';
import { storedRecords } from '../path/clickhouse.ts';
import { Stage } from '../path/collector-process.ts';
import { eventsOf } from '../path/events.ts';
import { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import { GuestRelay } from './guest-relay.ts';

const EVENTS = 20;
const PULLED_MS_MAX = 60_000;
const REFUSED_MS = 3_000;
const VSOCK_PORT = 4320;
/** Waits of polling and sealing alone must not add up to this; the bench measures the rest. */
const SEEN_MS_MAX = 5_000;

export async function pullsFromOutside(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  const found = join(stage.dir, 'found');
  mkdirSync(found, { mode: 0o700 });
  const tls = certificates(stage.dir);
  const settings = `pull: {directory: ${found}, tls: {cert: ${tls.of('collector')}, \
key: {file: ${tls.keyOf('collector')}}, ca: ${tls.of('authority')}}}\n`;
  const system = await System.up(stage, settings);
  await t.test('from a socket in a directory', () => findsIt(system, found));
  await t.test('through a monitor’s CONNECT', () => connectsThrough(system));
  await t.test('over TLS, from who has a certificate', () => pullsOverTls(system, tls));
  await t.test('an event is seen soon after it happened', () => isSeenSoon(system));
  await system.stop();
}

/** The registration may be believed for it is the collector's own user's alone; then it goes. */
async function findsIt(system: System, found: string): Promise<void> {
  const relay = await GuestRelay.start(system, 'found');
  assert.equal(await relay.send(EVENTS), 200);
  const file = join(found, 'found.json');
  writeFileSync(file, JSON.stringify(relay.registration()), { mode: 0o644 });
  await sleep(REFUSED_MS);
  assert.deepEqual(await eventsOf(system, 'found'), [], 'others may read its key');
  chmodSync(file, 0o600);
  await untilPulled(system, 'found');
  rmSync(file);
  await until('the session is closed', PULLED_MS_MAX, async () => {
    const rows = await storedRecords(system.run, `session = 'found' AND shim = 'sup'`);
    return rows.at(-1)?.kind === 'close' ? true : undefined;
  });
  const rows = await storedRecords(system.run, `session = 'found'`);
  assert.ok(
    rows.some(({ kind }) => kind === 'telemetry.bye'),
    'it was not drained',
  );
  const end = rows.find(({ kind }) => kind === 'end')!;
  assert.match(end.record, /"state":"closed"/);
}

/** What stands in for Firecracker: one line in, one line out, then the stream. */
async function connectsThrough(system: System): Promise<void> {
  const relay = await GuestRelay.start(system, 'guest-of-a-monitor');
  const path = join(system.dir, 'monitor.sock');
  const lines: string[] = [];
  const monitor = createServer((host) => {
    host.once('data', (line) => {
      lines.push(String(line));
      const guest = connect(relay.socket);
      for (const side of [host, guest]) side.on('error', () => {});
      host.write('OK 1073741824\n');
      host.pipe(guest).pipe(host);
    });
  }).listen(path);
  system.atEnd(() => monitor.close());
  assert.equal(await relay.send(EVENTS), 200);
  await relay.register({ socket: path, vsock_port: VSOCK_PORT });
  await untilPulled(system, relay.session);
  assert.ok(lines.length > 0 && lines.every((line) => line === `CONNECT ${VSOCK_PORT}\n`));
}

/** A relay whose certificate is by another authority is not pulled; one of ours is. */
async function pullsOverTls(system: System, tls: Certificates): Promise<void> {
  for (const name of ['stranger', 'relay']) {
    const opp = {
      host: '127.0.0.1',
      port: 0,
      cert: readFileSync(tls.of(name), 'utf8'),
      key: readFileSync(tls.keyOf(name), 'utf8'),
      client_ca: readFileSync(tls.of('authority'), 'utf8'),
    };
    const relay = await GuestRelay.start(system, `tls-${name}`, { opp_tls: opp });
    assert.equal(await relay.send(EVENTS), 200);
    await relay.register({ url: `https://127.0.0.1:${relay.port}` });
    if (name === 'relay') {
      await untilPulled(system, relay.session);
      continue;
    }
    await sleep(REFUSED_MS);
    assert.equal(await pulledOf(system, relay.session), 0);
    const listed = await callApi(system.run, adminToken(system.data), 'GET', '/v1/sandboxes');
    assert.match(listed.text, /certificate/, 'nobody says why');
  }
}

async function isSeenSoon(system: System): Promise<void> {
  const relay = await GuestRelay.start(system, 'soon');
  assert.equal(await relay.send(1), 200);
  await relay.register();
  await until(
    'the first',
    PULLED_MS_MAX,
    async () => (await pulledOf(system, 'soon')) || undefined,
  );
  const before = performance.now();
  assert.equal(await relay.send(1), 200);
  await until('the second', SEEN_MS_MAX, async () => {
    return (await pulledOf(system, 'soon')) === 2 ? true : undefined;
  });
  assert.ok(performance.now() - before < SEEN_MS_MAX);
}

async function pulledOf(system: System, session: string): Promise<number> {
  const events = await eventsOf(system, session);
  return events.filter(({ kind }) => kind === 'file.read').length;
}

function untilPulled(system: System, session: string): Promise<true> {
  return until(`${EVENTS} events of ${session}`, PULLED_MS_MAX, async () => {
    return (await pulledOf(system, session)) === EVENTS ? true : undefined;
  });
}

interface Certificates {
  of: (name: string) => string;
  keyOf: (name: string) => string;
}

/** An authority, certificates by it for both sides, and one that a stranger made himself. */
function certificates(dir: string): Certificates {
  const of = (name: string): string => join(dir, `${name}.pem`);
  const keyOf = (name: string): string => join(dir, `${name}.key`);
  const make = (name: string, ...more: string[]): void => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const files = ['-keyout', keyOf(name), '-out', of(name)];
    const subject = ['-subj', `/CN=${name}`, '-days', '2'];
    const args = ['req', '-x509', ...key, ...files, ...subject, ...more];
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  const by = ['-CA', of('authority'), '-CAkey', keyOf('authority')];
  const leaf = [...names, '-addext', 'basicConstraints=critical,CA:FALSE'];
  make('authority');
  make('collector', ...leaf, ...by);
  make('relay', ...leaf, ...by);
  make('stranger', ...names);
  return { of, keyOf };
}
