/**
 * What a person at the desk has: a running system with a webhook that checks signatures, and a
 * syslog receiver beside it that nothing ever goes wrong with.
 */

import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeToken } from '../path/api.ts';
import { Stage } from '../path/collector-process.ts';
import { alertsAbout } from '../path/events.ts';
import { CONTROL_RULE, ruleAbout, sendRead } from '../path/rules.ts';
import type { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import { CheckingHook } from './checking-hook.ts';

export const SECRET = `whsec_${Buffer.alloc(32, 'the desk').toString('base64')}`;
export const WRONG = `whsec_${Buffer.alloc(32, 'somebody').toString('base64')}`;
export const EFFECT_MS_MAX = 20_000;
/** Long enough for an alert to arrive where nothing holds it. */
export const HELD_MS = 2_000;
export const NAME = 'soc';

export interface Status {
  name: string;
  state: string;
  lag: number;
  dead: number;
  pausedBy: string | null;
  lastError: string | null;
  lastErrorHint: string | null;
  lastSuccessAt: number | null;
}

interface Letter {
  id: string;
  index: number;
  session: string;
  reason: string;
}

export class Desk {
  readonly hook: CheckingHook;
  readonly datagrams: string[] = [];
  readonly settings: string;
  readonly #secretFile: string;
  #system: System | undefined;
  #token = '';

  private constructor(dir: string, hook: CheckingHook, port: number) {
    this.hook = hook;
    this.#secretFile = join(dir, 'hook.secret');
    this.keep(SECRET);
    const secret = { file: this.#secretFile };
    this.settings = `connectors: ${JSON.stringify({
      [NAME]: { type: 'webhook', url: hook.url, allow: ['loopback'], secret },
      lines: { type: 'syslog', host: '127.0.0.1', port, transport: 'udp', allow: ['loopback'] },
    })}\n`;
  }

  static async open(t: TestContext): Promise<Desk> {
    const stage = new Stage(t);
    const hook = await new CheckingHook(SECRET).open();
    stage.atEnd(() => hook.close());
    const socket = createSocket('udp4');
    await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
    stage.atEnd(() => new Promise<void>((done) => socket.close(() => done())));
    const desk = new Desk(stage.dir, hook, (socket.address() as AddressInfo).port);
    desk.#hear(socket);
    return desk;
  }

  /** The secret that our side signs with. */
  keep(secret: string): void {
    writeFileSync(this.#secretFile, secret);
  }

  get system(): System {
    return this.#system!;
  }

  async serve(system: System): Promise<void> {
    this.#system = system;
    writeFileSync(join(system.data, 'rules', `${CONTROL_RULE}.yml`), ruleAbout('control'));
    this.#token = await makeToken(system.run, system.data, 'ingest');
    await until('the rule is used', EFFECT_MS_MAX, async () => {
      const { items } = await system.json<{ items: { id: string }[] }>('rules', 'list');
      return items.some(({ id }) => id === CONTROL_RULE) || undefined;
    });
  }

  /** One alert about a session, and its id, once the log has it. */
  async alert(session: string): Promise<string> {
    await sendRead(this.system, this.#token, session, 'control');
    return until(`an alert about ${session}`, EFFECT_MS_MAX, async () => {
      const [alert] = await alertsAbout(this.system, session);
      return alert === undefined ? undefined : String(alert.record.id);
    });
  }

  async status(): Promise<Status> {
    const all = await this.system.json<Status[]>('connectors', 'list');
    return all.find(({ name }) => name === NAME)!;
  }

  letters(): Promise<Letter[]> {
    return this.system.json<Letter[]>('connectors', 'dead-letters', NAME);
  }

  /** A dead letter about a session: the hook refuses this alert. */
  async dead(session: string): Promise<Letter> {
    this.hook.status = 422;
    const id = await this.alert(session);
    return until(`a dead letter about ${session}`, EFFECT_MS_MAX, async () => {
      return (await this.letters()).find((letter) => letter.id === id);
    });
  }

  /** The hook has one alert of this session, and it is this one. */
  async took(session: string, id: string): Promise<void> {
    await until(`${session} arrives`, EFFECT_MS_MAX, () => {
      return this.hook.taken(session).length > 0 || undefined;
    });
    assert.deepEqual(
      this.hook.taken(session).map((one) => one.id),
      [id],
    );
  }

  #hear(socket: Socket): void {
    socket.on('message', (message) => this.datagrams.push(message.toString('utf8')));
  }
}
