/** The pull protocol of a bed without intakes, on a socket. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { JsonObject, Vantage } from '@vitrine/schema';
import { Bell } from '../src/serve/bell.ts';
import { createServe, serveRequests } from '../src/serve/server.ts';
import { type BedOptions, makeBed, tempDir } from './bed.ts';
import { type Answer, send } from './client.ts';

export const VANTAGES: Vantage[] = ['agent', 'host'];

export async function serve(t: TestContext, options: BedOptions = {}, dir = tempDir(t)) {
  const bed = await makeBed(t, join(dir, 'spool'), { vantages: VANTAGES, ...options });
  const { spool, custody, shims } = bed;
  const chains = VANTAGES.map((vantage) => bed.chain(vantage));
  const bell = new Bell();
  spool.onCommit(() => bell.ring());
  const served = { session: 's1', boot: 'b0', spool, custody, shims, bell };
  const server = createServe(serveRequests({ ...served, now: () => 99n, log: () => {} }));
  const socket = join(dir, 'opp.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const post = (path: string, body: JsonObject | string = {}, signal?: AbortSignal) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return send(socket, `/opp/v1/${path}`, { body: text, ...(signal && { signal }) });
  };
  const info = async () => {
    const answer = await send(socket, '/opp/v1/info', { method: 'GET' });
    return JSON.parse(answer.body.toString()) as JsonObject & { chains: JsonObject[] };
  };
  const [agent, host] = chains.map(({ stored }) => stored.name) as [string, string];
  return { bed, bell, post, info, agent, host };
}

/** Status and name of an error, after its form was checked. */
export function errorOf({ status, body }: Answer): [number, unknown] {
  const { error, message } = JSON.parse(body.toString()) as JsonObject;
  assert.equal(typeof message, 'string');
  return [status, error];
}

/** What the headers of a page say. */
export function page({ headers }: Answer) {
  return [
    headers['opp-chain'],
    headers['opp-first-seq'],
    headers['opp-last-seq'],
    headers['opp-more'],
  ];
}
