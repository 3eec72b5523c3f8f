/**
 * Plays a scenario into a running system: an agent under `vitrine run`, or what emitters wrote,
 * sent to a relay's intakes at the pace in which it came about.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RawEmitters, readStream, type Sent, START_S } from '@vitrine/shim/raw';
import { callApi, makeToken } from '../acceptance/path/api.ts';
import type { System } from '../acceptance/path/system.ts';
import { layOut, type Scenario, streamOf } from './scenario.ts';

/** Where the stand-in for a provider listens, and the file of its CA. */
export interface ProviderPlace {
  port: number;
  caFile: string;
}

const NODE_INSIDE = '/run/vitrine/node';
const PROVIDER_HOST = 'api.provider.example';
const PROVIDER_KEY = 'PROVIDER_API_KEY=pk-session-4c0e8f21b7d95a36';
const MAC_KEY_BYTES = 32;
const INTAKES = ['agent', 'boundary', 'host'] as const;
/** Every time in a stream, as seconds or with more digits behind them. */
const TIMES = /\b17954\d{5}/g;

/** The agent of `scenario`, in a session of that name. */
export async function runsAgent(
  system: System,
  scenario: Scenario,
  { port, caFile }: ProviderPlace,
): Promise<void> {
  const { name, purpose, provider = false, rw = [], rw_no_delete = [] } = scenario;
  const dir = join(system.dir, name);
  mkdirSync(dir);
  layOut(scenario, dir);
  const beside = [...rw, ...rw_no_delete].map((part) => join(dir, part));
  const options = [
    ...['--session', name, '--workspace', join(dir, 'workspace')],
    ...rw.flatMap((part) => ['--rw', join(dir, part)]),
    ...rw_no_delete.flatMap((part) => ['--rw-no-delete', join(dir, part)]),
    ...(purpose === undefined ? [] : ['--purpose', purpose]),
    ...(provider ? ['--host', `${PROVIDER_HOST}=127.0.0.1:${port}`, '--upstream-ca', caFile] : []),
    ...(provider ? ['--credential', PROVIDER_KEY] : []),
  ];
  const { code, stdout, stderr } = await system.cli(
    ...['run', ...options, '--', NODE_INSIDE, 'agent.mjs', ...beside],
  );
  assert.equal(code, 0, `${name}: ${stdout}${stderr}`);
}

/** What the stream of `scenario` holds, through a relay that stands on the host. */
export async function playsStream(system: System, scenario: Scenario): Promise<void> {
  const { name } = scenario;
  const beganMs = Date.now();
  const shift = Math.floor(beganMs / 1_000) - START_S;
  const text = streamOf(scenario).replace(TIMES, (seconds) => String(Number(seconds) + shift));
  const { description, lines } = readStream(text);
  const sockets = Object.fromEntries(
    [...INTAKES, 'opp'].map((end) => [end, join(system.dir, `${name}.${end}`)]),
  );
  const macKey = randomBytes(MAC_KEY_BYTES).toString('hex');
  const relay = system.start('relay', '--config', '-');
  const config = {
    session: name,
    spool_dir: join(system.dir, `${name}.spool`),
    opp_socket: sockets.opp,
    mac_key: macKey,
    intakes: INTAKES.map((vantage) => ({ socket: sockets[vantage], vantage })),
  };
  relay.type(JSON.stringify(config));
  await relay.says(/^\{.*"ready".*\}$/m);
  const address = { socket: sockets.opp, standing: 'host', mac_key: macKey };
  await asRuntime(system, '/v1/sandboxes', { session: name, description, relay: address }, 201);
  const emitters = new RawEmitters(description);
  for (const line of lines) for (const sent of emitters.take(line)) await send(sockets, sent);
  for (const sent of emitters.end()) await send(sockets, sent);
  await asRuntime(system, `/v1/sandboxes/${name}/end`, undefined, 202);
  relay.signal('SIGTERM');
  await relay.ended;
}

/** A hook has the time at which it is called, so it is called then. */
async function send(sockets: Record<string, string>, sent: Sent): Promise<void> {
  const { vantage, path, type, body, t } = sent;
  if (t !== undefined) await sleep(Math.max(0, Number(BigInt(t) / 1_000_000n) - Date.now()));
  const status = await new Promise<number>((resolve, reject) => {
    const headers = { 'content-type': type };
    const options = { socketPath: sockets[vantage]!, path, method: 'POST', headers };
    const outgoing = request(options, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode!));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
  assert.equal(status, 200, path);
}

async function asRuntime(
  system: System,
  path: string,
  body: object | undefined,
  due: number,
): Promise<void> {
  const { run, data } = system;
  const token = await makeToken(run, data, 'runtime');
  const { status, text } = await callApi(run, token, 'POST', path, body);
  assert.equal(status, due, text);
}
