import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { until } from './kit/conformance/bench.ts';
import { accept, FaultServer } from './kit/conformance/fault-server.ts';
import { listSource, sampleAlerts } from './kit/conformance/sample-log.ts';
import { createDelivery } from './registry.ts';

const ALERTS = sampleAlerts(Array.from({ length: 12 }, (_, i) => ({ subject: `s${i % 3}` })));
const SECRET = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;
/** A kill at these requests: before the answer, or at once after it. */
const KILLS: Record<number, 'before' | 'after'> = { 2: 'before', 7: 'after', 11: 'before' };

/** This file is also the process that is killed. */
const [, , role, url, dir] = process.argv;
if (role === 'deliver') await deliver(url!, dir!);
else describe('delivery under kill -9', () => it('loses nothing and keeps the order', kill));

async function deliver(to: string, into: string): Promise<void> {
  const config = { type: 'webhook', url: to, secret: { env: 'SECRET' }, start: 'beginning' };
  const raw = { ...config, allow: ['loopback'] };
  await createDelivery('soc', raw, {
    dir: into,
    source: listSource(ALERTS),
    receipt: async ({ alerts }) => {
      for (const { id } of alerts) process.stdout.write(`${id}\n`);
    },
    log: (line) => process.stderr.write(`${line}\n`),
    environment: { SECRET },
    timing: { retryMsMin: 10, receiptMs: 50 },
  });
}

async function kill(): Promise<void> {
  const server = await FaultServer.start();
  const into = mkdtempSync(join(tmpdir(), 'vitrine-kill-'));
  const receipts = new Set<string>();
  const accepted: string[] = [];
  let child: ChildProcess;
  const start = (): void => {
    const args = [import.meta.filename, 'deliver', `${server.url}/`, into];
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      for (const id of text.trim().split('\n')) receipts.add(id);
    });
  };
  server.treat = (request) => (response) => {
    const moment = KILLS[server.received.length];
    if (moment === 'before') return void child.kill('SIGKILL');
    accepted.push(String(request.headers['webhook-id']));
    accept(response, request, {});
    if (moment === 'after') child.kill('SIGKILL');
  };
  start();
  for (let kills = 0; kills < Object.keys(KILLS).length; kills++) {
    await once(child!, 'exit');
    start();
  }
  await until('all have receipts', () => receipts.size === ALERTS.length);
  child!.kill('SIGKILL');
  await once(child!, 'exit');
  await server.stop();
  rmSync(into, { recursive: true });

  const first = [...new Set(accepted)];
  assert.deepEqual(first.toSorted(), ALERTS.map(({ id }) => id).toSorted());
  assert.ok(server.received.length > ALERTS.length, 'nothing was ever repeated');
  for (const session of ['s0', 's1', 's2']) {
    const own = ALERTS.filter(({ record }) => record.subject === session).map(({ id }) => id);
    assert.deepEqual(
      first.filter((id) => own.includes(id)),
      own,
    );
  }
}
