/**
 * A sandbox whose relay stands on the host, told to the collector as a runtime does it, with
 * intakes for the sources around it: what they send is believed as from where they stand.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { callApi, makeToken } from '../path/api.ts';
import type { Program } from '../path/program.ts';
import type { System } from '../path/system.ts';

const MAC_KEY_BYTES = 32;

export interface HostSession {
  session: string;
  /** Sockets of its intakes by vantage. */
  boundary: string;
  host: string;
  /** The sandbox is gone: everything is pulled and the session closed. */
  end: () => Promise<void>;
}

export interface Described {
  runtime: 'gvisor' | 'native';
  grants: { path: string; mode: string }[];
  expected: string[];
  /** Of its providers, and fingerprints of its own credentials. */
  hosts?: string[];
  credentials?: string[];
}

export async function hostSession(
  system: System,
  session: string,
  described: Described,
): Promise<HostSession> {
  const [boundary, host, opp] = ['boundary', 'host', 'opp'].map((name) => {
    return join(system.dir, `${session}.${name}`);
  }) as [string, string, string];
  const macKey = randomBytes(MAC_KEY_BYTES).toString('hex');
  const relay = system.start('relay', '--config', '-');
  relay.type(
    JSON.stringify({
      session,
      spool_dir: join(system.dir, `${session}.spool`),
      opp_socket: opp,
      mac_key: macKey,
      intakes: [
        { socket: boundary, vantage: 'boundary' },
        { socket: host, vantage: 'host' },
      ],
    }),
  );
  await relay.says(/^\{.*"ready".*\}$/m);
  const body = {
    session,
    description: { ...described, host: { name: 'test-host' } },
    relay: { socket: opp, standing: 'host', mac_key: macKey },
  };
  await asRuntime(system, '/v1/sandboxes', body, 201);
  return { session, boundary, host, end: () => ended(system, session, relay) };
}

async function ended(system: System, session: string, relay: Program): Promise<void> {
  await asRuntime(system, `/v1/sandboxes/${session}/end`, undefined, 202);
  relay.signal('SIGTERM');
  await relay.ended;
}

async function asRuntime(system: System, path: string, body: object | undefined, status: number) {
  const { run, data } = system;
  const answer = await callApi(run, await makeToken(run, data, 'runtime'), 'POST', path, body);
  assert.equal(answer.status, status, answer.text);
}
