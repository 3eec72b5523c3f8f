/**
 * mitmproxy as an egress witness: starts `mitmdump` with our addon, or serves an addon that runs in
 * a mitmproxy of the user's own, and hands what it tells to a relay's intake.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Scrubber } from '@vitrine/schema';
import { fingerprint } from '../egress/credential.ts';
import { ShimError, systemCode } from '../error.ts';
import { type GivenCredential, parseCredential } from '../run/options.ts';
import { nowNanos } from '../send/event.ts';
import { ShimLife } from '../send/life.ts';
import { Outbox } from '../send/outbox.ts';
import { Intake } from '../send/post.ts';
import { AddonSocket } from './addon.ts';

/** The addon, as a file that needs nothing but mitmproxy. */
const ADDON = fileURLToPath(new URL('vitrine_egress.py', import.meta.url));
const KEY = /^[0-9a-f]{64}$/;
const LISTEN = /^(127\.0\.0\.1|\[::1\]|[0-9.]+):(\d{1,5})$/;
const DEFAULT_LISTEN = '127.0.0.1:8080';

/** What the command line gives (`packages/shim/src/registry.ts` says what each is). */
export interface MitmproxyGiven {
  intake?: string;
  keyFile?: string;
  credentials?: string;
  socket?: string;
  listen?: string;
  passthrough?: string;
  upstreamCa?: string;
  confdir?: string;
  mitmdump?: string;
}

/** Runs until it is told to end, or mitmdump ends; 1 when something was lost, or it failed. */
export async function runMitmproxyShim(
  given: MitmproxyGiven,
  print: (value: unknown) => void,
): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-mitmproxy-'));
  try {
    return await new MitmproxyShim(given, given.socket ?? join(dir, 'addon.sock')).run(print);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

class MitmproxyShim {
  readonly #given: MitmproxyGiven;
  readonly #path: string;
  readonly #intake: Intake;
  readonly #outbox: Outbox;
  readonly #addon: AddonSocket;
  readonly #life: ShimLife;
  #child: ChildProcess | undefined;
  #stopped = false;
  readonly #end = Promise.withResolvers<void>();

  /** Throws CONFIG_INVALID or CREDENTIAL_INVALID. */
  constructor(given: MitmproxyGiven, path: string) {
    this.#given = given;
    this.#path = path;
    if (given.intake === undefined) throw invalid('--intake is missing');
    this.#intake = new Intake(given.intake);
    this.#outbox = new Outbox({
      shim: 'mitmproxy',
      post: (body) => this.#intake.post(body),
      // A client waits for each of these.
      waitMs: 0,
      log: (line) => say(line),
    });
    const key = keyIn(given.keyFile);
    const credentials = credentialsOf(given.credentials);
    const secrets = credentials.map(({ value }) => value);
    const provisioned =
      key === undefined ? [] : secrets.map((each) => fingerprint(Buffer.from(key, 'hex'), each));
    this.#addon = new AddonSocket({
      key,
      settings: {
        scrubber: new Scrubber(secrets),
        grants: [],
        now: nowNanos,
        given: { provisioned },
      },
      outbox: this.#outbox,
      onStarted: (versions) => this.#life.hello(versions),
    });
    this.#life = new ShimLife(this.#outbox, () => this.#addon.counts);
    if (key === undefined) say('no --key-file: credentials are not told apart');
  }

  async run(print: (value: unknown) => void): Promise<number> {
    await this.#addon.listen(this.#path);
    const stop = (): void => this.#stop();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
    const { command, proxy } = commandOf(this.#given, this.#path);
    if (this.#given.socket === undefined) this.#start(command);
    const ca = join(this.#given.confdir ?? join(homedir(), '.mitmproxy'), 'mitmproxy-ca-cert.pem');
    print({ proxy, ca, socket: this.#path, command });
    await this.#end.promise;
    const failed = !this.#stopped;
    if (failed) this.#tellEnd();
    await this.#addon.close();
    const whole = await this.#life.bye();
    this.#intake.close();
    return whole && !failed ? 0 : 1;
  }

  #start([program, ...args]: string[]): void {
    // Its own words go to our stderr, for stdout is the answer of this command.
    const child = spawn(program!, args, { stdio: ['ignore', 2, 2], detached: true });
    this.#child = child;
    child.on('error', (error) => {
      say(`${program} cannot be started (${systemCode(error)}); is mitmproxy installed?`);
      this.#end.resolve();
    });
    child.on('exit', (code, signal) => {
      if (!this.#stopped) say(`mitmdump ended (${signal ?? `exit code ${code}`})`);
      this.#end.resolve();
    });
  }

  #stop(): void {
    this.#stopped = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) this.#end.resolve();
    else {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX).unref();
      void once(child, 'exit').then(() => this.#end.resolve());
    }
  }

  /** From here on nobody sees what leaves. */
  #tellEnd(): void {
    const attributes = { reason: 'mitmdump ended before the shim', count: 0 };
    this.#outbox.add({ kind: 'telemetry.drop', t: nowNanos(), attributes }).catch(() => {});
  }
}

const STOP_MS_MAX = 5_000;

function commandOf(given: MitmproxyGiven, socket: string): { command: string[]; proxy: string } {
  const { listen = DEFAULT_LISTEN, passthrough, upstreamCa, confdir, mitmdump } = given;
  const [, host, port] = LISTEN.exec(listen) ?? [];
  if (host === undefined) throw invalid(`--listen ${listen} is no address:port`);
  const set = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : ['--set', `${name}=${value}`];
  const command = [
    mitmdump ?? 'mitmdump',
    '--quiet',
    ...['--listen-host', host.replace(/[[\]]/g, ''), '--listen-port', port!],
    ...['--scripts', ADDON],
    ...set('vitrine_socket', socket),
    ...set('confdir', confdir),
    ...set('ssl_verify_upstream_trusted_ca', upstreamCa),
    ...(passthrough === undefined ? [] : ['--ignore-hosts', passthrough]),
  ];
  return { command, proxy: `http://${listen}` };
}

function keyIn(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  let key: string;
  try {
    key = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw invalid(`--key-file cannot be read (${systemCode(cause)})`, cause);
  }
  if (!KEY.test(key)) throw invalid('--key-file holds no 64 hex digits');
  return key;
}

function credentialsOf(names: string | undefined): GivenCredential[] {
  return (names ?? '').split(',').filter(Boolean).map(parseCredential);
}

function invalid(message: string, cause?: unknown): ShimError {
  return new ShimError('CONFIG_INVALID', message, 'vitrine shim mitmproxy --help', { cause });
}

function say(line: string): void {
  process.stderr.write(`vitrine: ${line}\n`);
}
