/** Stands in for a running system in tests: a data directory, and an API that answers as told. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import { main } from '../main.ts';
import { memoryIo } from '../print/memory-io.ts';

export interface Ran {
  code: number;
  lines: string[];
  errors: string[];
}

/** Answers by `METHOD /path`; a value is sent as JSON, a function answers itself. */
export type Answers = Record<
  string,
  unknown | ((request: IncomingMessage, response: ServerResponse) => void)
>;

export class StandIn {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'vitrine-stand-in-'));
  /** `METHOD /path?query` and body of each request, in order. */
  readonly asked: { call: string; body: string }[] = [];

  #api = '';

  static async start(t: TestContext, answers: Answers): Promise<StandIn> {
    const system = new StandIn();
    const server = createServer((request, response) => {
      void system.#answer(answers, request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      server.closeAllConnections();
      server.close();
      rmSync(system.dataDir, { recursive: true });
    });
    const { port } = server.address() as AddressInfo;
    system.#api = `http://127.0.0.1:${port}`;
    system.say({});
    writeFileSync(join(system.dataDir, 'admin.token'), 'vt_x');
    return system;
  }

  /** Writes `run.json`, with members of the test's own. */
  say(more: JsonObject): void {
    const run = { pid: process.pid, api: this.#api, log: 'default.0.1', ...more };
    writeFileSync(join(this.dataDir, 'run.json'), JSON.stringify(run));
  }

  /** Runs one command line about this system. */
  run(args: string[], tty = false): Promise<Ran> {
    return runCommand([...args, '--data', this.dataDir], tty);
  }

  async #answer(
    answers: Answers,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    this.asked.push({ call: `${request.method} ${request.url}`, body });
    const path = request.url!.split('?')[0]!;
    const given = answers[`${request.method} ${path}`];
    if (typeof given === 'function') return given(request, response);
    const status = given === undefined ? 404 : 200;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(given ?? { code: 'NOT_FOUND', message: 'no', hint: 'look' }));
  }
}

export async function runCommand(args: string[], tty = false): Promise<Ran> {
  const io = memoryIo({ tty, columns: 100 });
  const code = await main(args, io);
  return { code, lines: io.lines, errors: io.errors };
}
