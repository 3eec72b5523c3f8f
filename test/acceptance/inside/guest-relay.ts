/**
 * A sandbox whose relay runs beside its agent: `vitrine relay` as a process of its own, told to the
 * collector as a runtime does it, with one intake into which the test sends events.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { join } from 'node:path';
import { callApi, makeToken } from '../path/api.ts';
import { JSON_TYPE, jsonBody } from '../path/otlp.ts';
import { findDescendant } from '../path/processes.ts';
import { Program } from '../path/program.ts';
import type { System } from '../path/system.ts';

const MAC_KEY_BYTES = 32;
const RELAY_PROGRAM = 'relay.mjs';

export class GuestRelay {
  readonly session: string;
  readonly macKey = randomBytes(MAC_KEY_BYTES);
  readonly socket: string;
  readonly spool: string;
  readonly #intake: string;
  readonly #system: System;
  #sent = 0;
  /** The one-file relay and the Node it runs on; without it, `vitrine relay`. */
  readonly #file: string[] | undefined;
  #program!: Program;
  boot!: string;
  /** Where it is pulled over TLS, if it is. */
  port: string | undefined;

  private constructor(system: System, session: string, file?: string[]) {
    this.#system = system;
    this.#file = file;
    this.session = session;
    this.socket = join(system.dir, `${session}.sock`);
    this.spool = join(system.dir, `${session}.spool`);
    this.#intake = join(system.dir, `${session}.in`);
  }

  static async start(
    system: System,
    session: string,
    more: object = {},
    file?: string[],
  ): Promise<GuestRelay> {
    const relay = new GuestRelay(system, session, file);
    await relay.startAgain(more);
    return relay;
  }

  /** Also after it was killed, as a supervisor in the sandbox does it. */
  async startAgain(more: object = {}): Promise<void> {
    this.#program = this.#launched();
    const config = {
      session: this.session,
      spool_dir: this.spool,
      opp_socket: this.socket,
      mac_key: this.macKey.toString('hex'),
      intakes: [{ socket: this.#intake, vantage: 'guest' }],
      ...more,
    };
    this.#program.type(JSON.stringify(config));
    const [said] = await this.#program.says(/^\{.*"ready".*\}$/m);
    const ready = JSON.parse(said) as { boot: string; opp?: string };
    this.boot = ready.boot;
    this.port = ready.opp?.split(':').at(-1);
  }

  #launched(): Program {
    const args = ['--config', '-'];
    if (this.#file === undefined) return this.#system.start('relay', ...args);
    const program = new Program([...this.#file, ...args]);
    this.#system.atEnd(() => program.signal('SIGKILL'));
    return program;
  }

  get chain(): string {
    return `${this.session}/${this.boot}.guest`;
  }

  /** The process that holds the keys. */
  get pid(): number {
    if (this.#file !== undefined) return this.#program.pid;
    const found = findDescendant(this.#program.pid, RELAY_PROGRAM);
    assert.ok(found !== undefined, 'the relay has no process');
    return found.pid;
  }

  async kill(): Promise<void> {
    process.kill(this.pid, 'SIGKILL');
    await this.#program.ended;
  }

  /** As its supervisor stops it. */
  async stop(): Promise<void> {
    this.#program.signal('SIGTERM');
    await this.#program.ended;
  }

  /** What its runtime tells of it; `address` says where it is pulled. */
  registration(address: object = { socket: this.socket }): object {
    return {
      description: { runtime: 'vm', host: { name: 'test-host' } },
      relay: { ...address, standing: 'guest', mac_key: this.macKey.toString('hex') },
    };
  }

  /** The runtime tells the collector of it. */
  async register(address?: object): Promise<void> {
    const body = { session: this.session, ...this.registration(address) };
    await this.#asRuntime('/v1/sandboxes', body, 201);
  }

  async end(): Promise<void> {
    await this.#asRuntime(`/v1/sandboxes/${this.session}/end`, undefined, 202);
  }

  /** Sends events of which each reads a file of its own; resolves with the status. */
  send(count: number, fill = ''): Promise<number> {
    const events = Array.from({ length: count }, () => {
      const id = `${this.session}-${this.#sent++}`;
      return { id, session: this.session, t: String(BigInt(Date.now()) * 1_000_000n), fill };
    });
    return post(this.#intake, jsonBody(events));
  }

  async #asRuntime(path: string, body: object | undefined, status: number): Promise<void> {
    const { run, data } = this.#system;
    const token = await makeToken(run, data, 'runtime');
    const answer = await callApi(run, token, 'POST', path, body);
    assert.equal(answer.status, status, answer.text);
  }
}

function post(socketPath: string, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': JSON_TYPE };
    const sent = request({ socketPath, path: '/v1/logs', method: 'POST', headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode!));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
