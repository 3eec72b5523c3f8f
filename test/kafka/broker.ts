/**
 * A real Kafka broker on loopback: one node in KRaft mode, run from the jars that `.ci/kafka` keeps
 * in the cache. It can be killed, frozen and started again on the same ports and data.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { quietPort } from '../acceptance/path/collector-process.ts';
import { isGiven } from '../acceptance/path/requirement.ts';
import { makeCertificates } from './certificates.ts';
import { type ListenerPorts, LOG_CONFIG, serverProperties } from './properties.ts';

const START_MS_MAX = 90_000;
/** `StorageTool` takes no id that looks like an option. */
const CLUSTER_ID_BYTES = 16;

/** Where `.ci/kafka` puts the jars. */
function jarsDir(): string {
  const pom = readFileSync(new URL('pom.xml', import.meta.url), 'utf8');
  const version = /<kafka\.version>(.*)<\/kafka\.version>/.exec(pom)![1]!;
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'vitrine', `kafka-${version}`);
}

/** Whether a broker can run here; `false` after the test has been skipped. */
export function hasBroker(t: TestContext): boolean {
  const java = spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0;
  return isGiven(t, java && existsSync(jarsDir()), 'no Kafka broker: .ci/kafka brings one');
}

export class Broker {
  readonly ports: ListenerPorts;
  /** Of the user `alice`, over PLAIN and SCRAM. */
  readonly password = randomBytes(12).toString('hex');
  readonly dir = mkdtempSync(join(tmpdir(), 'vitrine-kafka-'));
  #process: ChildProcess | undefined;

  private constructor(ports: ListenerPorts) {
    this.ports = ports;
  }

  /** Resolves when it answers; about eight seconds. */
  static async start(): Promise<Broker> {
    const [plain, sasl, tls, mutual, controller] = await quietPorts(5);
    const broker = new Broker({
      plain: plain!,
      sasl: sasl!,
      tls: tls!,
      mutual: mutual!,
      controller: controller!,
    });
    try {
      broker.#format();
      await broker.restart();
    } catch (error) {
      await broker.remove();
      throw error;
    }
    return broker;
  }

  /** A file that `makeCertificates` made: `ca.pem`, `client.pem`, `client.key`. */
  file(name: string): string {
    return join(this.dir, name);
  }

  /** Starts it again after `kill`; resolves when it answers. */
  async restart(): Promise<void> {
    const args = [...javaOptions(this.dir), 'kafka.Kafka', this.file('server.properties')];
    const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    let output = '';
    const ready = new Promise<void>((done, fail) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output = (output + chunk).slice(-10_000);
        if (output.includes('Kafka Server started')) done();
      });
      child.once('exit', (code) => fail(new Error(`the broker ended with ${code}:\n${output}`)));
    });
    const late = sleep(START_MS_MAX, undefined, { ref: false }).then(() => {
      throw new Error(`the broker did not start:\n${output}`);
    });
    await Promise.race([ready, late]);
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
  }

  /** Connections stay, nothing answers. */
  freeze(): void {
    this.#process!.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process!.kill('SIGCONT');
  }

  /** Kills it and deletes what it kept. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #format(): void {
    makeCertificates(this.dir);
    const { dir, ports, password } = this;
    const log = this.file('log4j2.properties');
    writeFileSync(log, LOG_CONFIG);
    const properties = serverProperties({ dir, ports, password });
    writeFileSync(this.file('server.properties'), properties);
    const id = randomBytes(CLUSTER_ID_BYTES).toString('base64url').replace(/^-/, '0');
    const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => {
      return ['--add-scram', `${mechanism}=[name=alice,password=${password}]`];
    });
    const config = ['-c', this.file('server.properties')];
    const format = ['format', '--standalone', '-t', id, ...config, ...scram];
    const args = [...javaOptions(dir), 'kafka.tools.StorageTool', ...format];
    const { status, stdout, stderr } = spawnSync('java', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the broker's directory cannot be made:\n${stdout}${stderr}`);
  }
}

/** C1 alone: a test's broker is started often and never runs long. */
function javaOptions(dir: string): string[] {
  return [
    '-Xms256m',
    '-Xmx256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Dlog4j2.configurationFile=${join(dir, 'log4j2.properties')}`,
    '-cp',
    join(jarsDir(), '*'),
  ];
}

async function quietPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await quietPort());
  return [...ports];
}
