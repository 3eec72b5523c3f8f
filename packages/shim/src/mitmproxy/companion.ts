/**
 * mitmproxy as the egress witness of one `vitrine run`: settings on stdin as one line of JSON,
 * `{"ready":true}` on stdout when it listens. Owns `mitmdump`, the addon's socket and the gate that
 * the sandbox sees; when stdin closes all of them end, so none can outlive the run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { EGRESS_AUDIT_MS_MAX, RUN_READY_MS_MAX, Scrubber } from '@vitrine/schema';
import { hostEnvironment } from '../config.ts';
import { type HostRule, INTERNAL_NETWORKS } from '../egress/host-rule.ts';
import { type EgressSettings, readSettings } from '../egress/main.ts';
import { readAuthority } from '../egress/upstream.ts';
import { ShimError } from '../error.ts';
import { nowNanos } from '../send/event.ts';
import { ShimLife } from '../send/life.ts';
import { Outbox } from '../send/outbox.ts';
import { Intake } from '../send/post.ts';
import { AddonSocket } from './addon.ts';
import { Gate } from './gate.ts';
import { freePort, listens } from './port.ts';

export interface CompanionSettings extends EgressSettings {
  /** Program: a path, or a name to look up in `PATH`. */
  mitmdump: string;
  /** For mitmproxy's authority and our files for it; of the run, and gone with it. */
  dir: string;
}

const LOOPBACK = '127.0.0.1';
const POLL_MS = 50;
const STOP_MS_MAX = 5_000;
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Runs until stdin closes or mitmdump ends; resolves with the exit code: 1 when sight was lost. */
export async function runMitmproxyCompanion(): Promise<number> {
  const input = createInterface({ input: process.stdin });
  const lines = input[Symbol.asyncIterator]();
  const settings = readSettings((await lines.next()).value) as CompanionSettings;
  // The terminal's Ctrl-C is for the agent; the parent ends this process when it is time.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => input.close());
  mkdirSync(settings.dir, { mode: 0o700 });
  const intake = new Intake(settings.intake);
  const outbox = new Outbox({
    shim: 'mitmproxy',
    post: (body) => intake.post(body),
    // A client waits for each of these.
    waitMs: 0,
    log: say,
  });
  const counts = { refused: () => 0 };
  const life: ShimLife = new ShimLife(outbox, () => {
    return { ...addon.counts, requests_refused: counts.refused() };
  });
  const addon = new AddonSocket({
    key: settings.fingerprintKey,
    settings: {
      scrubber: new Scrubber([]),
      grants: [],
      now: nowNanos,
      given: { provisioned: settings.provisioned },
    },
    outbox,
    onStarted: (versions) => life.hello(versions),
  });
  await addon.listen(addonSocket(settings));
  const mitmdump = await Mitmdump.start(settings);
  const report = (event: Parameters<Outbox['add']>[0], boundMs = EGRESS_AUDIT_MS_MAX) =>
    outbox.add(event, boundMs);
  const gate = new Gate({ rules: settings.rules, port: mitmdump.port, report });
  counts.refused = () => gate.refused;
  await gate.listen(settings.socket);
  process.stdout.write('{"ready":true}\n');
  const lost = await Promise.race([parentGone(lines), mitmdump.ended]);
  if (lost !== undefined) {
    say(`mitmdump ended (${lost})`);
    const attributes = { reason: 'mitmdump ended before the run', count: 0 };
    outbox.add({ kind: 'telemetry.drop', t: nowNanos(), attributes }).catch(() => {});
  }
  await gate.close();
  await mitmdump.stop();
  await addon.close();
  const whole = await life.bye();
  intake.close();
  return whole && lost === undefined ? 0 : 1;
}

async function parentGone(lines: AsyncIterator<string>): Promise<undefined> {
  while ((await lines.next()).done !== true);
}

function addonSocket({ dir }: CompanionSettings): string {
  return join(dir, 'addon.sock');
}

class Mitmdump {
  readonly port: number;
  readonly #child: ChildProcess;
  /** Why it ended. */
  readonly ended: Promise<string>;

  private constructor(child: ChildProcess, port: number) {
    this.port = port;
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.on('error', ({ message }) => resolve(`${message}; .ci/mitmproxy installs it`));
      child.on('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  /** Resolves when it listens and its authority is where the sandbox finds it. */
  static async start(settings: CompanionSettings): Promise<Mitmdump> {
    const { dir, mitmdump, certificateFile } = settings;
    const port = await freePort();
    const args = [
      '--quiet',
      ...['--listen-host', LOOPBACK, '--listen-port', String(port)],
      ...['--set', `confdir=${dir}`],
      ...['--scripts', script('vitrine_guard.py'), '--set', `vitrine_rules=${rulesFile(settings)}`],
      ...['--scripts', script('vitrine_egress.py')],
      ...['--set', `vitrine_socket=${addonSocket(settings)}`],
      ...['--set', `ssl_verify_upstream_trusted_ca=${trustFile(settings)}`],
    ];
    const env = { PATH: hostEnvironment().path, HOME: dir };
    // It ends when its input does: also when nobody is left to end it.
    const child = spawn(mitmdump, args, { stdio: ['pipe', 2, 2], env });
    child.stdin?.on('error', () => {});
    const started = new Mitmdump(child, port);
    const authority = join(dir, 'mitmproxy-ca-cert.pem');
    let ended: string | undefined;
    void started.ended.then((how) => {
      ended = how;
    });
    const until = performance.now() + RUN_READY_MS_MAX;
    while (!existsSync(authority) || !(await listens(port))) {
      if (ended !== undefined || performance.now() > until) {
        child.kill('SIGKILL');
        const message = `${mitmdump} did not start (${ended ?? 'not ready in time'})`;
        throw new ShimError('PROCESS_FAILED', message, 'give its path with --mitmdump');
      }
      await sleep(POLL_MS);
    }
    copyFileSync(authority, certificateFile);
    return started;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS_MAX);
    await this.ended;
    clearTimeout(late);
  }
}

/** What `vitrine_guard.py` reads. */
function rulesFile({ dir, rules }: CompanionSettings): string {
  const file = join(dir, 'rules.json');
  const hosts = rules.map(({ host, port, upstream }: HostRule) => {
    const stand = { address: upstream?.address, upstream_port: upstream?.port };
    return upstream === undefined ? { host, port } : { host, port, ...stand };
  });
  writeFileSync(file, JSON.stringify({ hosts, internal: INTERNAL_NETWORKS }), { mode: 0o600 });
  return file;
}

/** mitmproxy trusts one file: the authorities that our own proxy trusts. */
function trustFile({ dir, rules }: CompanionSettings): string {
  const file = join(dir, 'trusted.pem');
  const own = rules.flatMap(({ caFile }) => (caFile === undefined ? [] : [readAuthority(caFile)]));
  const all = [...getCACertificates('default'), ...getCACertificates('system'), ...own];
  writeFileSync(file, [...new Set(all)].join('\n'), { mode: 0o600 });
  return file;
}

function say(line: string): void {
  process.stderr.write(`vitrine: ${line}\n`);
}
