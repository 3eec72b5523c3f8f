/**
 * A real rsyslog on free ports of 127.0.0.1, with everything it has in one directory. It writes
 * what it received as JSON, a message a line, and keeps every byte of it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from './certificates.ts';

/** Debian's: not on everybody's path. */
const BINARIES = ['/usr/sbin/rsyslogd', '/sbin/rsyslogd', '/usr/local/sbin/rsyslogd'];
const READY_MS_MAX = 15_000;

export interface Received {
  /** Of the frame, as it came. */
  raw: string;
  priority: string;
  hostname: string;
  appName: string;
  messageId: string;
  data: string;
  message: string;
  input: string;
}

export interface RsyslogOptions {
  /** Exists; everything is written there. */
  dir: string;
  certificate: Certificate;
  /** PEM of who may show a client certificate; nobody has to when it is left out. */
  clients?: string;
  /** As rsyslog comes, control characters are rewritten. */
  rewrites?: boolean;
}

export function rsyslogBinary(): string | undefined {
  return BINARIES.find((path) => existsSync(path));
}

export class Rsyslogd {
  readonly #options: RsyslogOptions;
  readonly ports: { tls: number; tcp: number; udp: number };
  #child: ChildProcess | undefined;

  private constructor(options: RsyslogOptions, [tls, tcp, udp]: number[]) {
    this.#options = options;
    this.ports = { tls: tls!, tcp: tcp!, udp: udp! };
  }

  static async start(options: RsyslogOptions): Promise<Rsyslogd> {
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    const daemon = new Rsyslogd(options, ports);
    await daemon.start();
    return daemon;
  }

  /** Again after `kill`, on the same ports. */
  async start(): Promise<void> {
    const { dir } = this.#options;
    const config = join(dir, 'rsyslog.conf');
    writeFileSync(config, configText(this.#options, this.ports));
    const args = ['-n', '-f', config, '-i', join(dir, `rsyslogd.${Date.now()}.pid`)];
    const child = spawn(rsyslogBinary()!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (chunk) => appendFileSync(join(dir, 'said.txt'), chunk));
    }
    const end = performance.now() + READY_MS_MAX;
    while (!(await listens(this.ports.tls)) || !(await listens(this.ports.tcp))) {
      if (child.exitCode !== null || performance.now() > end) {
        throw new Error(`rsyslogd did not start: ${this.said()}`);
      }
      await sleep(20);
    }
  }

  /** Everything in its memory is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  /** Nothing is read and nothing is refused: the process stands still. */
  freeze(still: boolean): void {
    this.#child!.kill(still ? 'SIGSTOP' : 'SIGCONT');
  }

  /** In order of arrival. A line that a kill cut short is left out. */
  received(): Received[] {
    const path = join(this.#options.dir, 'received.jsonl');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as Received];
      } catch {
        return [];
      }
    });
  }

  said(): string {
    const path = join(this.#options.dir, 'said.txt');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }
}

function configText(options: RsyslogOptions, ports: Rsyslogd['ports']): string {
  const { dir, certificate, clients, rewrites = false } = options;
  const fields = {
    raw: 'rawmsg',
    priority: 'pri',
    hostname: 'hostname',
    appName: 'app-name',
    messageId: 'msgid',
    data: 'structured-data',
    message: 'msg',
    input: 'inputname',
  };
  const properties = Object.entries(fields).map(([name, property]) => {
    return `  property(outname="${name}" name="${property}" format="jsonf")`;
  });
  return `
global(workDirectory="${dir}" maxMessageSize="64k"
  parser.escapeControlCharactersOnReceive="${rewrites ? 'on' : 'off'}"
  defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="${clients ?? certificate.cert}"
  defaultNetstreamDriverCertFile="${certificate.cert}"
  defaultNetstreamDriverKeyFile="${certificate.key}")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1"
  streamDriver.authMode="${clients === undefined ? 'anon' : 'x509/certvalid'}")
module(load="imptcp")
module(load="imudp")
template(name="json" type="list" option.jsonf="on") {
${properties.join('\n')}
}
ruleset(name="in") { action(type="omfile" file="${join(dir, 'received.jsonl')}" template="json") }
input(type="imtcp" port="${ports.tls}" address="127.0.0.1" ruleset="in")
input(type="imptcp" port="${ports.tcp}" address="127.0.0.1" ruleset="in")
input(type="imudp" port="${ports.udp}" address="127.0.0.1" ruleset="in")
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
