/**
 * Somebody with power over the machine, who gives himself a user of the store and changes what is
 * in it through ClickHouse's own port.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineOf } from './collector-process.ts';
import type { System } from './system.ts';
import { until } from './until.ts';

const USER = 'intruder';
const PASSWORD = 'let me in';
const ENGINE_MS_MAX = 30_000;

export class Intruder {
  readonly #system: System;

  private constructor(system: System) {
    this.#system = system;
  }

  /** The engine reads its users when it starts: it is killed, and the collector starts it again. */
  static async enter(system: System): Promise<Intruder> {
    const store = join(system.data, 'store');
    const [folder] = readdirSync(store).filter((name) => name.startsWith('engine-'));
    const users = join(store, folder!, 'users.xml');
    const user = `<${USER}><password>${PASSWORD}</password>
      <networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
      <grants><query>GRANT ALL ON vitrine.*</query></grants></${USER}>`;
    writeFileSync(users, readFileSync(users, 'utf8').replace('</users>', `${user}</users>`));
    const engine = engineOf(system.run.pid);
    assert.ok(engine !== undefined, 'the collector has no engine');
    process.kill(engine, 'SIGKILL');
    const intruder = new Intruder(system);
    await until('the engine is back', ENGINE_MS_MAX, async () => {
      const answer = await intruder.#ask('SELECT 1').catch(() => undefined);
      return answer?.ok ? true : undefined;
    });
    return intruder;
  }

  /** Returns once it is done. */
  async run(sql: string): Promise<void> {
    const answer = await this.#ask(sql);
    assert.ok(answer.ok, await answer.text());
  }

  #ask(sql: string): Promise<Response> {
    const url = new URL('/?database=vitrine&mutations_sync=1', this.#system.run.store.url);
    const headers = { 'x-clickhouse-user': USER, 'x-clickhouse-key': PASSWORD };
    return fetch(url, { method: 'POST', headers, body: sql });
  }
}
