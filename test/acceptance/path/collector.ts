/** The collector as a person uses it: telemetry in, rules beside it, alerts out, closed engine. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Stage } from './collector-process.ts';
import { keepsToItself } from './engine.ts';
import { takesTelemetry } from './exporters.ts';
import { Receiver } from './receiver.ts';
import { followsTheFolder } from './rules.ts';
import { System } from './system.ts';
import { deliversAlerts, type Hook } from './webhook.ts';

export async function collects(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  const hook = await hookFor(stage);
  let system = await System.up(stage, hook.settings);
  const token = (await system.text('token', 'create', '--role', 'ingest')).trim();
  await t.test('takes logs, traces and metrics, in protobuf and JSON', () => {
    return takesTelemetry(system, token);
  });
  await t.test('uses rules as they come and go', () => followsTheFolder(system, token));
  await t.test('delivers alerts with their proof', async () => {
    system = await deliversAlerts(stage, system, token, hook);
  });
  await t.test('keeps its engine to itself', () => keepsToItself(system));
}

async function hookFor(stage: Stage): Promise<Hook> {
  const receiver = new Receiver();
  await receiver.open();
  stage.atEnd(() => receiver.close());
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const file = join(stage.dir, 'webhook.secret');
  writeFileSync(file, secret, { mode: 0o600 });
  const settings = `connectors:
  soc:
    type: webhook
    url: ${receiver.url}
    secret: { file: ${file} }
    allow: [loopback]
`;
  return { receiver, secret, settings };
}
