/** The one-file relay as a process, a sender to it, and a puller that keeps nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const MAC_KEY = '07'.repeat(32);

export interface RelayProcess {
  pid: number;
  intake: string;
  opp: string;
  stop(): Promise<void>;
}

export interface RelayStart {
  node: string;
  file: string;
  /** For its sockets and its spool. */
  dir: string;
  session?: string;
}

export async function startRelayFile(options: RelayStart): Promise<RelayProcess> {
  const { node, file, dir, session = 's1' } = options;
  const [intake, opp] = [join(dir, 'intake.sock'), join(dir, 'opp.sock')];
  const child = spawn(node, [file, '--config', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const config = {
    session,
    spool_dir: join(dir, 'spool'),
    opp_socket: opp,
    mac_key: MAC_KEY,
    intakes: [{ socket: intake, vantage: 'agent' }],
  };
  child.stdin.write(JSON.stringify(config));
  await once(createInterface({ input: child.stdout }), 'line');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { pid: child.pid!, intake, opp, stop };
}

interface Answered {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function ask(path: string, socketPath: string, body: Buffer | object, agent: Agent) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const type = Buffer.isBuffer(body) ? 'application/x-protobuf' : 'application/json';
  const headers = { 'content-type': type, 'content-length': bytes.length };
  return new Promise<Answered>((resolve, reject) => {
    const asked = request({ socketPath, path, method: 'POST', headers, agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const { statusCode = 0, headers: said } = answer;
        if (statusCode < 300) resolve({ headers: said, body: Buffer.concat(chunks) });
        else reject(new Error(`${path}: ${statusCode} ${Buffer.concat(chunks)}`));
      });
    });
    asked.on('error', reject).end(bytes);
  });
}

/** Resolves when the relay has the events of an export request. */
export async function postTo(intake: string, body: Buffer, agent: Agent): Promise<void> {
  await ask('/v1/logs', intake, body, agent);
}

/** Pulls and acknowledges until it is stopped. */
export class Discard {
  readonly #agent = new Agent({ keepAlive: true });
  #stopped = false;
  /** The last seq of the chain that was pulled last. */
  acknowledged = -1;

  constructor(opp: string) {
    void this.#run(opp);
  }

  stop(): void {
    this.#stopped = true;
    this.#agent.destroy();
  }

  async #run(opp: string): Promise<void> {
    try {
      while (!this.#stopped) {
        const wanted = { chain: '*', after: {}, wait_ms: 25_000 };
        const { headers } = await ask('/opp/v1/pull', opp, wanted, this.#agent);
        const { 'opp-chain': chain, 'opp-last-seq': seq } = headers;
        if (chain === undefined) continue;
        await ask('/opp/v1/ack', opp, { chain, seq: Number(seq) }, this.#agent);
        this.acknowledged = Number(seq);
      }
    } catch (error) {
      if (!this.#stopped) throw error;
    }
  }
}
