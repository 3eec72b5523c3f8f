/**
 * `vitrine run`: a command in a sandbox with its witnesses around it. Registers the sandbox,
 * starts relay, egress proxy, strace and its shim, then the command; when that ends, ends them in
 * the order in which they rely on each other. Whatever happens, nothing it started stays behind.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RUN_END_MS_MAX, SHIM_CLOSE_MS_MAX } from '@vitrine/schema';
import { hostEnvironment } from '../config.ts';
import type { EgressSettings } from '../egress/main.ts';
import type { CompanionSettings } from '../mitmproxy/companion.ts';
import { detectMachine, type Machine } from '../sandbox/detect.ts';
import { Agent } from './agent.ts';
import { Collector } from './collector.ts';
import { Companion } from './companion.ts';
import type { RunOptions } from './options.ts';
import { egressShim, makePlan, type Plan, type RunFiles, runFiles } from './plan.ts';
import { Trace } from './trace.ts';
import { Voice } from './voice.ts';

export interface RunResult {
  /** The command's own; 128 + n when a signal ended it. */
  exitCode: number;
  /** The session's name in the collector. */
  session: string;
  /** False when some of what happened could not be handed to the collector. */
  whole: boolean;
}

const SHIM_ENTRY = fileURLToPath(new URL('../../bin/shim.mjs', import.meta.url));
const MITMPROXY_ENTRY = fileURLToPath(new URL('../../bin/mitmproxy.mjs', import.meta.url));
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const MAC_KEY_BYTES = 32;

/**
 * Resolves when the command has ended and its session is closed. Throws ShimError before the
 * command starts: SANDBOX_UNAVAILABLE, GRANT_INVALID, ENVIRONMENT_TOO_LARGE,
 * COLLECTOR_UNREACHABLE, COLLECTOR_REFUSED, PROCESS_FAILED.
 */
export async function runSandboxed(
  options: RunOptions,
  machine: Machine = detectMachine(),
): Promise<RunResult> {
  const files = runFiles(mkdtempSync(join(tmpdir(), 'vitrine-run-')));
  const run = new Run(options, files);
  try {
    return await run.perform(await makePlan(options, machine, files));
  } finally {
    await run.release();
  }
}

class Run {
  readonly #options: RunOptions;
  readonly #files: RunFiles;
  readonly #collector: Collector;
  #session: string | undefined;
  #relay: Companion | undefined;
  #egress: Companion | undefined;
  #trace: Trace | undefined;
  #voice: Voice | undefined;
  #agent: Agent | undefined;
  /** Asked to end before the command was there. */
  #stopped: NodeJS.Signals | undefined;
  #keepSpool = false;
  #relayIsNeeded = true;
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#stopped = signal;
    this.#agent?.stop(signal);
  };

  constructor(options: RunOptions, files: RunFiles) {
    this.#options = options;
    this.#files = files;
    this.#collector = new Collector(options.collector.api, options.collector.token);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  async perform(plan: Plan): Promise<RunResult> {
    for (const { reason } of plan.description.absent) this.#options.say(reason);
    if (!plan.sandboxed) this.#options.say('the command runs WITHOUT a sandbox');
    const macKey = randomBytes(MAC_KEY_BYTES).toString('hex');
    const session = await this.#begin(plan, macKey);
    await this.#startWitnesses(plan, session, macKey);
    if (this.#stopped !== undefined) return await this.#finish(session, INTERRUPTED);
    this.#agent = new Agent(plan, () => this.#trace?.giveUp());
    const ended = this.#agent.ended;
    ended.catch(() => {});
    await this.#agent.started;
    this.#voice!.begin(plan.shown, this.#agent.pid, plan.sandboxed);
    return await this.#finish(session, await ended);
  }

  /** Ends what is still there, in whatever state the run was left. */
  async release(): Promise<void> {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    this.#trace?.abandon();
    this.#egress?.kill();
    if (this.#session !== undefined) await this.#end(this.#session);
    await this.#relay?.stop();
    if (this.#keepSpool) {
      this.#options.say(`what the collector has not taken stays in ${this.#files.spool}`);
    } else rmSync(this.#files.dir, { recursive: true, force: true });
  }

  async #begin({ description }: Plan, macKey: string): Promise<string> {
    const { session: wanted } = this.#options;
    const session = await this.#collector.begin({
      ...(wanted === undefined ? {} : { session: wanted }),
      description,
      relay: { socket: this.#files.opp, standing: 'host', mac_key: macKey },
    });
    this.#session = session;
    // Before the command starts: whoever follows the session needs its name now.
    this.#options.say(`session ${session}`);
    return session;
  }

  /** All at once: those that speak to the relay try until it is there. */
  async #startWitnesses(plan: Plan, session: string, macKey: string): Promise<void> {
    const { boundaryIntake, fifo } = this.#files;
    const { say } = this.#options;
    this.#voice = new Voice(boundaryIntake, say);
    if (plan.traced) {
      this.#trace = Trace.start({
        fifo,
        intake: boundaryIntake,
        forwarder: plan.forwarder,
        secrets: plan.secrets,
        grants: plan.description.grants,
        onLost: (lines, reason) => {
          say(`${reason}: ${lines} lines of strace are lost`);
          this.#voice?.dropped(lines, reason);
        },
        log: say,
      });
    }
    const [relay, egress] = await Promise.allSettled([
      this.#startRelay(session, macKey),
      this.#startEgress(plan),
    ]);
    if (relay.status === 'fulfilled') this.#relay = relay.value;
    if (egress.status === 'fulfilled') this.#egress = egress.value;
    for (const outcome of [relay, egress]) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
    const started = this.#egress;
    this.#watch(started!, () => this.#egress === started);
    this.#watch(
      this.#relay!,
      () => this.#relayIsNeeded,
      () => {
        // Nobody takes custody any more: what would follow could not be shown.
        this.#trace?.giveUp();
        this.#agent?.stop('SIGTERM');
      },
    );
  }

  #startRelay(session: string, macKey: string): Promise<Companion> {
    const { opp, agentIntake, boundaryIntake, spool } = this.#files;
    return Companion.start({
      name: 'relay',
      entry: this.#options.relayEntry,
      args: ['--config', '-'],
      settings: {
        session,
        spool_dir: spool,
        opp_socket: opp,
        mac_key: macKey,
        intakes: [
          { socket: agentIntake, vantage: 'agent' },
          { socket: boundaryIntake, vantage: 'boundary' },
        ],
      },
      log: this.#options.say,
    });
  }

  #startEgress(plan: Plan): Promise<Companion> {
    const { boundaryIntake, egress, certificate, mitmproxy: dir } = this.#files;
    const { allow = [], fingerprintKey, mitmdump, say } = this.#options;
    const settings: EgressSettings = {
      socket: egress,
      intake: boundaryIntake,
      certificateFile: certificate,
      fingerprintKey,
      rules: allow,
      provisioned: plan.credentials,
    };
    const name = egressShim(this.#options);
    if (mitmdump === undefined) {
      return Companion.start({ name, entry: SHIM_ENTRY, args: [name], settings, log: say });
    }
    return Companion.start({
      name,
      entry: MITMPROXY_ENTRY,
      env: { PATH: hostEnvironment().path },
      settings: { ...settings, mitmdump, dir } satisfies CompanionSettings,
      log: say,
    });
  }

  /** One that ends early is a loss of sight, and is said at once. */
  #watch(companion: Companion, isNeeded: () => boolean, then: () => void = () => {}): void {
    void companion.ended.then((how) => {
      if (!isNeeded()) return;
      this.#options.say(`${companion.name} ended before the session (${how})`);
      this.#voice?.lostWitness(companion.name, how);
      then();
    });
  }

  async #finish(session: string, exitCode: number): Promise<RunResult> {
    const trace = this.#trace;
    this.#trace = undefined;
    const egress = this.#egress;
    this.#egress = undefined;
    // Without a relay there is nobody to wait for.
    const isHeard = this.#relay?.alive === true;
    if (!isHeard) egress?.kill();
    await Promise.all([trace?.finish(), egress?.stop()]);
    const told = await this.#voice!.end(exitCode, isHeard ? SHIM_CLOSE_MS_MAX : 0);
    const ended = await this.#end(session);
    return { exitCode, session, whole: told && ended };
  }

  /** The collector drains the relay, so this comes before the relay is stopped. */
  async #end(session: string): Promise<boolean> {
    this.#session = undefined;
    this.#relayIsNeeded = false;
    this.#stopped = undefined;
    let trouble: string | undefined;
    try {
      const whole = await this.#collector.end(session, {
        // A signal from here on means that the user will not wait.
        isWorthwhile: () => this.#relay?.alive === true && this.#stopped === undefined,
        onWait: ({ message }) => {
          const seconds = RUN_END_MS_MAX / 1_000;
          this.#options.say(`${message}; asking again for ${seconds} s, Ctrl-C gives up`);
        },
      });
      if (!whole) trouble = `session ${session} is closed, but not all of it was taken`;
    } catch (error) {
      trouble = `session ${session} is not closed: ${(error as Error).message}`;
    }
    if (trouble === undefined) return true;
    this.#keepSpool = this.#relay !== undefined;
    this.#options.say(trouble);
    return false;
  }
}

/** 128 + SIGINT. */
const INTERRUPTED = 130;
