/**
 * A sandbox whose way out is the real mitmproxy, set up as docs/guides/mitmproxy.md says. A foreign
 * key raises EGR-001 from the boundary, the session's own does not, and no secret is kept anywhere.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { quietPort, Stage } from '../path/collector-process.ts';
import { alertsAbout, eventsOf } from '../path/events.ts';
import { type Program, run } from '../path/program.ts';
import { isGiven, works } from '../path/requirement.ts';
import { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import { hostSession } from './host-relay.ts';

/** The one that `.ci/mitmproxy` installs and the guide is of. */
const VERSION = '11.0.2';
const SESSION = 'through-mitmproxy';
const HOST = 'api.anthropic.com';
const OWN = 'canary-own-3c61d0a7';
const FOREIGN = 'canary-foreign-91be55f2';
const ALERT_MS_MAX = 30_000;
const READY_MS_MAX = 60_000;
/** First bytes of an HMAC that are the fingerprint of a credential. */
const FINGERPRINT_BYTES = 16;

export async function observesMitmproxy(t: TestContext): Promise<void> {
  const mitmdump = installed();
  const given = mitmdump !== undefined && works('openssl', 'version') && works('curl', '--version');
  if (!isGiven(t, given, 'mitmproxy is not here: .ci/mitmproxy installs it')) return;
  const system = await System.up(new Stage(t));
  const keyFile = join(system.data, 'keys', 'fingerprint.key');
  const key = Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'hex');
  const own = createHmac('sha256', key).update(OWN).digest();
  const { boundary } = await hostSession(system, SESSION, {
    runtime: 'native',
    grants: [],
    hosts: [HOST],
    credentials: [own.subarray(0, FINGERPRINT_BYTES).toString('hex')],
    expected: ['mitmproxy'],
  });
  const proxy = new WayOut(system, boundary, await routed(system, mitmdump!));
  await proxy.start(keyFile);
  assert.equal(await proxy.ask('/v1/messages', OWN), '200');
  assert.equal(await proxy.ask('/v1/files', FOREIGN), '200');
  assert.equal(await foreignKeys(system, 1), 1, 'the own key raises none');
  const requests = await eventsOf(system, SESSION);
  const upload = requests.find(({ kind, record }) => {
    return kind === 'egress.request' && (record.http as { path: string }).path === '/v1/files';
  });
  assert.equal(upload?.vantage, 'boundary');
  // With another fingerprint key the own one is a stranger, and nobody overlooks that.
  const other = join(system.dir, 'other.key');
  writeFileSync(other, randomBytes(32).toString('hex'));
  await proxy.start(other);
  assert.equal(await proxy.ask('/v1/messages', OWN), '200');
  assert.equal(await foreignKeys(system, 2), 2);
  for (const path of filesUnder(system.data)) {
    const text = readFileSync(path, 'latin1');
    for (const secret of [FOREIGN, OWN]) assert.ok(!text.includes(secret), path);
  }
  await proxy.stop();
  await system.stop();
}

function installed(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const program = join(cache, 'vitrine', `mitmproxy-${VERSION}`, 'bin', 'mitmdump');
  return existsSync(program) ? program : undefined;
}

/**
 * A mitmdump that leads every name to a server of the test's own: nothing leaves this machine. The
 * server's certificate is its own authority.
 */
async function routed(system: System, mitmdump: string): Promise<string> {
  const [cert, key] = [join(system.dir, 'upstream-ca.pem'), join(system.dir, 'upstream.key')];
  const names = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`];
  const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', ...made, ...names], { stdio: 'ignore' });
  const options = { cert: readFileSync(cert), key: readFileSync(key) };
  const server = createServer(options, (request, response) => {
    request.resume().once('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  system.atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const [script, program] = [join(system.dir, 'route.py'), join(system.dir, 'mitmdump')];
  const route = `data.server.address = ("127.0.0.1", ${port})`;
  writeFileSync(script, `def server_connect(data):\n    ${route}\n`);
  writeFileSync(program, `#!/bin/sh\nexec '${mitmdump}' "$@" --scripts '${script}'\n`);
  chmodSync(program, 0o700);
  return program;
}

class WayOut {
  readonly #system: System;
  readonly #intake: string;
  readonly #mitmdump: string;
  #port = 0;
  #shim: Program | undefined;

  constructor(system: System, intake: string, mitmdump: string) {
    this.#system = system;
    this.#intake = intake;
    this.#mitmdump = mitmdump;
  }

  /** In place of the one before, with that fingerprint key. */
  async start(keyFile: string): Promise<void> {
    await this.stop();
    this.#port = await quietPort();
    const { dir } = this.#system;
    const settings = {
      intake: this.#intake,
      'key-file': keyFile,
      listen: `127.0.0.1:${this.#port}`,
      'upstream-ca': join(dir, 'upstream-ca.pem'),
      confdir: join(dir, 'conf'),
      mitmdump: this.#mitmdump,
    };
    const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    this.#shim = this.#system.start('shim', 'mitmproxy', ...options);
    await this.#shim.says(/"proxy"/, READY_MS_MAX);
    await until('mitmproxy listens', READY_MS_MAX, () => listens(this.#port));
  }

  async stop(): Promise<void> {
    this.#shim?.signal('SIGTERM');
    await this.#shim?.ended;
  }

  /** The status that a client in the sandbox gets. */
  async ask(path: string, key: string): Promise<string> {
    const ca = join(this.#system.dir, 'conf', 'mitmproxy-ca-cert.pem');
    const how = ['--silent', '--output', '/dev/null', '--write-out', '%{http_code}'];
    const way = ['--proxy', `http://127.0.0.1:${this.#port}`, '--cacert', ca];
    const what = ['--header', `x-api-key: ${key}`, '--data', 'what was read'];
    const { stdout } = await run(['curl', ...how, ...way, ...what, `https://${HOST}${path}`]);
    return stdout;
  }
}

/** Alerts about foreign keys, once there are so many. */
function foreignKeys(system: System, count: number): Promise<number> {
  return until(`${count} alerts`, ALERT_MS_MAX, async () => {
    const alerts = await alertsAbout(system, SESSION);
    const found = alerts.filter(({ record }) => record.rule === 'EGR-001');
    return found.length >= count ? found.length : undefined;
  });
}

function listens(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket
      .once('error', () => resolve(undefined))
      .once('connect', () => {
        resolve(true);
        socket.destroy();
      });
  });
}

function filesUnder(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
