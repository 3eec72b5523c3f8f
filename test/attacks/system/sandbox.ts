/** Sandboxes whose relay is honest or lies, in front of a real collector. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { MAC_KEY, tempDir } from '../../../apps/relay/test/bed.ts';
import { fileReads, sendLogs } from '../../../apps/relay/test/client.ts';
import { configOf, type Running, socketsOf, start } from '../../../apps/relay/test/process.ts';
import { Stage } from '../../acceptance/path/collector-process.ts';
import { FakeRelay } from '../../acceptance/path/fake-relay.ts';
import type { Answer } from '../row.ts';
import type { Site } from './site.ts';

/** A real relay process, in a sandbox that is registered at the collector of `site`. */
export class Sandbox {
  readonly session: string;
  readonly #t: TestContext;
  readonly #site: Site;
  readonly #dir: string;
  #relay: Running;

  private constructor(t: TestContext, site: Site, session: string, dir: string, relay: Running) {
    this.session = session;
    this.#t = t;
    this.#site = site;
    this.#dir = dir;
    this.#relay = relay;
  }

  static async begin(t: TestContext, site: Site, session: string): Promise<Sandbox> {
    const dir = tempDir(t);
    const relay = await start(t, configOf(dir, { session }));
    const sandbox = new Sandbox(t, site, session, dir, relay);
    await register(site, session, socketsOf(dir).opp, MAC_KEY);
    return sandbox;
  }

  /** One event that its shim has numbered; durable at the relay when it resolves. */
  async send(path: string, seq: number): Promise<void> {
    const body = fileReads([path], { shim: 'files', seq });
    const { status } = await sendLogs(socketsOf(this.#dir).agent, body);
    assert.equal(status, 200);
  }

  /** Kills the relay and starts it again, on its spool or on an empty one. */
  async restart(spool: 'kept' | 'stolen'): Promise<void> {
    this.#relay.child.kill('SIGKILL');
    await this.#relay.ended;
    if (spool === 'stolen') rmSync(join(this.#dir, 'spool'), { recursive: true });
    this.#relay = await start(this.#t, configOf(this.#dir, { session: this.session }));
  }

  /** Waits until the collector has pulled so many records. */
  pulled(count: number): Promise<void> {
    return this.#site.until(async () => (await listed(this.#site, this.session)).pulled >= count);
  }

  end(): Promise<Answer> {
    return end(this.#site, this.session);
  }
}

/** A relay that was honest but for what `lie` does to its records before anybody has seen them. */
export async function lying(
  t: TestContext,
  site: Site,
  session: string,
  lie: (relay: FakeRelay) => void,
): Promise<Answer> {
  const relay = new FakeRelay(new Stage(t), session);
  relay.add('telemetry.hello', { boot: relay.chain.split(/[/.]/)[1] });
  for (let i = 0; i < 5; i++) relay.add('file.read', { file: { path: `/read/${i}` } });
  lie(relay);
  await register(site, session, relay.socket, relay.macKey);
  const last = relay.records.length - 1;
  await site.until(async () => (await listed(site, session)).chains[0]?.seq === last);
  return end(site, session);
}

async function register(
  site: Site,
  session: string,
  socket: string,
  macKey: Buffer,
): Promise<void> {
  const { status, text } = await site.ask('POST', '/v1/sandboxes', {
    session,
    description: { runtime: 'native', host: { name: 'test-host' } },
    relay: { socket, standing: 'boundary', mac_key: macKey.toString('hex') },
  });
  assert.equal(status, 201, text);
}

interface Listing {
  session: string;
  pulled: number;
  chains: { seq: number }[];
}

async function listed(site: Site, session: string): Promise<Listing> {
  const { text } = await site.ask('GET', '/v1/sandboxes');
  const { items } = JSON.parse(text) as { items: Listing[] };
  return items.find((item) => item.session === session)!;
}

/** The sandbox is gone: what an auditor hears who accepts no loss. */
async function end(site: Site, session: string): Promise<Answer> {
  const { status, text } = await site.ask('POST', `/v1/sandboxes/${session}/end`);
  assert.equal(status, 202, text);
  await site.until(async () => {
    const closed = await site.ask('GET', `/v1/sessions/${session}/events?kind=close`);
    return closed.text.includes('"kind":"close"');
  });
  return site.audit(session, '--require-lossless');
}
