/**
 * A sandbox whose way out is the real mitmproxy, set up as docs/guides/mitmproxy.md says:
 * collector, relay, shim, and a server of the test's own. A foreign key makes alert EGR-001, at the
 * vantage of the relay's intake, and no secret is anywhere in what is kept.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fingerprint } from '@vitrine/shim';
import { askTls } from '../packages/shim/src/stage/client.ts';
import { installedMitmdump, routed } from '../packages/shim/src/stage/mitmproxy.ts';
import { StageUpstream } from '../packages/shim/src/stage/upstream.ts';
import { callApi, makeToken } from './acceptance/path/api.ts';
import { quietPort, Stage } from './acceptance/path/collector-process.ts';
import type { Program } from './acceptance/path/program.ts';
import { isGiven } from './acceptance/path/requirement.ts';
import { System } from './acceptance/path/system.ts';
import { until } from './acceptance/path/until.ts';

const SESSION = 'through-mitmproxy';
const HOST = 'api.anthropic.com';
const OWN = 'canary-own-3c61d0a7';
const FOREIGN = 'canary-foreign-91be55f2';
const ALERT_MS_MAX = 20_000;
const READY_MS_MAX = 30_000;

interface Row {
  kind: string;
  vantage: string;
  record: Record<string, Record<string, unknown>>;
}

class Sealed {
  readonly #system: System;
  readonly port: number;
  readonly upstream: StageUpstream;
  #mitmdump = '';
  #shim: Program | undefined;
  readonly #relay = { spool: '', opp: '', intake: '', key: randomBytes(32).toString('hex') };

  private constructor(system: System, port: number, upstream: StageUpstream) {
    this.#system = system;
    this.port = port;
    this.upstream = upstream;
    for (const name of ['spool', 'opp', 'intake'] as const) {
      this.#relay[name] = join(system.dir, name);
    }
  }

  static async start(stage: Stage, system: System, mitmdump: string): Promise<Sealed> {
    const upstream = await StageUpstream.start(system.dir);
    stage.atEnd(() => upstream.end());
    const sealed = new Sealed(system, await quietPort(), upstream);
    await sealed.#startRelay();
    sealed.#mitmdump = routed(mitmdump, system.dir, upstream.port);
    await sealed.startProxy(sealed.#keyFile);
    return sealed;
  }

  get ca(): string {
    return readFileSync(join(this.#system.dir, 'conf', 'mitmproxy-ca-cert.pem'), 'utf8');
  }

  async ask(path: string, key: string): Promise<number> {
    const headers = { 'x-api-key': key };
    const asked = { host: HOST, ca: this.ca, method: 'POST', path, headers, body: 'what was read' };
    return (await askTls(this.port, asked)).status;
  }

  async #startRelay(): Promise<void> {
    const { spool, opp, intake, key } = this.#relay;
    const relay = this.#system.start('relay', '--config', '-');
    const intakes = [{ socket: intake, vantage: 'boundary' }];
    const config = { session: SESSION, spool_dir: spool, opp_socket: opp, mac_key: key, intakes };
    relay.type(JSON.stringify(config));
    await relay.says(/"ready"/, READY_MS_MAX);
    const { run, data } = this.#system;
    const description = {
      runtime: 'native',
      host: { name: 'test-host' },
      hosts: [HOST],
      credentials: [fingerprint(Buffer.from(readFileSync(this.#keyFile, 'utf8'), 'hex'), OWN)],
      expected: ['mitmproxy'],
    };
    const body = {
      session: SESSION,
      description,
      relay: { socket: opp, standing: 'host', mac_key: key },
    };
    const token = await makeToken(run, data, 'runtime');
    const answer = await callApi(run, token, 'POST', '/v1/sandboxes', body);
    assert.equal(answer.status, 201, answer.text);
  }

  get #keyFile(): string {
    return join(this.#system.data, 'keys', 'fingerprint.key');
  }

  /** In place of the one before, with that fingerprint key. */
  async startProxy(keyFile: string): Promise<void> {
    this.#shim?.signal('SIGTERM');
    await this.#shim?.ended;
    const settings: Record<string, string> = {
      intake: this.#relay.intake,
      'key-file': keyFile,
      listen: `127.0.0.1:${this.port}`,
      'upstream-ca': this.upstream.caFile,
      confdir: join(this.#system.dir, 'conf'),
      mitmdump: this.#mitmdump,
    };
    const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    this.#shim = this.#system.start('shim', 'mitmproxy', ...options);
    await this.#shim.says(/"proxy"/, READY_MS_MAX);
    await until('mitmproxy listens', READY_MS_MAX, () => listens(this.port));
  }

  /** The alerts EGR-001, when there are so many. */
  alerts(count: number): Promise<unknown[]> {
    return until(`${count} alerts`, ALERT_MS_MAX, async () => {
      const alerts = await this.#system.json<unknown[]>('alerts', '--session', SESSION);
      const found = alerts.filter((alert) => JSON.stringify(alert).includes('EGR-001'));
      return found.length >= count ? found : undefined;
    });
  }

  requests(): Promise<Row[]> {
    return this.#system.json('events', '--session', SESSION, '--kind', 'egress.request');
  }
}

describe('a sandbox behind mitmproxy', () => {
  it('raises EGR-001 for a foreign key, and keeps no secret', async (t) => {
    const mitmdump = installedMitmdump();
    if (!isGiven(t, mitmdump !== undefined, 'mitmproxy is not here: .ci/mitmproxy installs it')) {
      return;
    }
    const stage = new Stage(t);
    const system = await System.up(stage);
    const sealed = await Sealed.start(stage, system, mitmdump!);
    assert.equal(await sealed.ask('/v1/messages', OWN), 200);
    assert.equal(await sealed.ask('/v1/files', FOREIGN), 200);
    assert.equal((await sealed.alerts(1)).length, 1, 'the own key makes none');
    const row = (await sealed.requests()).find(({ record }) => record.http?.path === '/v1/files');
    assert.equal(row?.vantage, 'boundary');
    assert.equal(row.record.http?.function, 'anthropic.files.create');
    // With another fingerprint key the own one is a stranger, and nobody overlooks that.
    const other = join(system.dir, 'other.key');
    writeFileSync(other, randomBytes(32).toString('hex'));
    await sealed.startProxy(other);
    assert.equal(await sealed.ask('/v1/messages', OWN), 200);
    assert.equal((await sealed.alerts(2)).length, 2);
    const all = await system.text('events', '--session', SESSION, '--json');
    for (const [path, text] of [...filesUnder(system.data), ['events', all] as const]) {
      for (const secret of [FOREIGN, OWN]) assert.ok(!text.includes(secret), path);
    }
  });
});

function listens(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(undefined));
    socket.once('connect', () => socket.destroy());
  });
}

function filesUnder(dir: string): [string, string][] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => [path, readFileSync(path, 'latin1')]);
}
