/**
 * What `run` itself tells the relay: the session begins and ends, and what was lost on the way. It
 * stands outside the sandbox, like the witnesses it started.
 */

import { SHIM_CLOSE_MS_MAX } from '@vitrine/schema';
import { nowNanos, partAttribute } from '../send/event.ts';
import { ShimLife } from '../send/life.ts';
import { Outbox } from '../send/outbox.ts';
import { Intake } from '../send/post.ts';

export class Voice {
  readonly #intake: Intake;
  readonly #own: Outbox;
  /** Speaks about a shim that cannot speak any more, under its name and without a number. */
  readonly #forStrace: Outbox;
  readonly #life: ShimLife;

  constructor(intakeSocket: string, log: (line: string) => void) {
    this.#intake = new Intake(intakeSocket);
    const post = (body: Buffer): Promise<void> => this.#intake.post(body);
    this.#own = new Outbox({ shim: 'run', post, waitMs: 0, log });
    this.#forStrace = new Outbox({ shim: 'strace', post, waitMs: 0, log, numbered: false });
    this.#life = new ShimLife(this.#own, () => ({}));
  }

  /** `argv`: scrubbed. `pid`: the sandbox's first process, on the host. */
  begin(argv: string[], pid: number | undefined, sandboxed: boolean): void {
    this.#life.hello();
    this.#say('session.start', {
      'process.argc': argv.length,
      ...(pid === undefined ? {} : { 'process.pid': pid }),
      'run.sandboxed': sandboxed,
      [partAttribute('argv')]: JSON.stringify(argv),
    });
  }

  dropped(lines: number, reason: string): void {
    const attributes = { reason, lines };
    this.#forStrace.add({ kind: 'telemetry.drop', t: nowNanos(), attributes }).catch(() => {});
  }

  lostWitness(name: string, how: string): void {
    this.#say('telemetry.drop', { reason: `${name} ended before the session (${how})` });
  }

  /** Resolves when the relay has all of it; false when it does not. */
  async end(exitCode: number, boundMs = SHIM_CLOSE_MS_MAX): Promise<boolean> {
    this.#say('session.end', { 'process.exit_code': exitCode });
    const [whole] = await Promise.all([this.#life.bye(boundMs), this.#forStrace.close(boundMs)]);
    this.#intake.close();
    return whole;
  }

  #say(kind: string, attributes: Record<string, string | number | boolean>): void {
    this.#own.add({ kind, t: nowNanos(), attributes }).catch(() => {});
  }
}
