/** The two calls `run` makes to the collector: a sandbox begins, a sandbox is gone. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DRAIN_MS_MAX,
  isObject,
  type Json,
  RUN_END_MS_MAX,
  type SandboxDescription,
  SHIM_RETRY_MS_MAX,
} from '@vitrine/schema';
import { ShimError, systemCode } from '../error.ts';

export interface Registration {
  session?: string;
  description: SandboxDescription;
  relay: { socket: string; standing: 'host'; mac_key: string };
}

/** How long, and whether still, it makes sense to try again. */
export interface Patience {
  isWorthwhile: () => boolean;
  /** Told once, before the second try. */
  onWait: (error: ShimError) => void;
  /** No try begins later than this. */
  boundMs?: number;
}

const CALL_MS_MAX = 10_000;
/** What a server or its front says while it starts or stops. */
const AWAY_STATUS = [502, 503, 504];

export class Collector {
  readonly #api: string;
  readonly #token: string;

  constructor(api: string, token: string) {
    this.#api = api;
    this.#token = token;
  }

  /** The session's name; durable when it resolves. */
  async begin(registration: Registration): Promise<string> {
    const answer = await this.#post('/v1/sandboxes', registration as unknown as Json, CALL_MS_MAX);
    if (isObject(answer) && typeof answer.session === 'string') return answer.session;
    throw new ShimError(
      'COLLECTOR_REFUSED',
      'the collector named no session',
      'is it a Vitrine API?',
    );
  }

  /**
   * Resolves when the relay is drained and the end of the session is durable; false when the
   * collector has not got all of it. A collector that is away is asked again: the relay holds what
   * it has not taken, and a restarted one goes on where it was.
   */
  async end(session: string, patience: Patience): Promise<boolean> {
    const { isWorthwhile, onWait, boundMs = RUN_END_MS_MAX } = patience;
    const path = `/v1/sandboxes/${encodeURIComponent(session)}/end`;
    const began = performance.now();
    for (let tries = 1; ; tries++) {
      try {
        const answer = await this.#post(path, {}, DRAIN_MS_MAX + CALL_MS_MAX);
        return !isObject(answer) || answer.whole === undefined || answer.whole === true;
      } catch (error) {
        const isAway = error instanceof ShimError && error.code === 'COLLECTOR_UNREACHABLE';
        const isLate = performance.now() - began + SHIM_RETRY_MS_MAX > boundMs;
        if (!isAway || isLate || !isWorthwhile()) throw error;
        if (tries === 1) onWait(error);
        await sleep(SHIM_RETRY_MS_MAX);
      }
    }
  }

  async #post(path: string, body: Json, boundMs: number): Promise<Json> {
    let response: Response;
    try {
      response = await fetch(new URL(path, this.#api), {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(boundMs),
      });
    } catch (cause) {
      const why = systemCode((cause as Error).cause) ?? (cause as Error).name;
      const message = `no answer from the collector at ${this.#api} (${why})`;
      throw new ShimError('COLLECTOR_UNREACHABLE', message, 'start it with `vitrine up`', {
        cause,
      });
    }
    const answer = await response.json().catch(() => null);
    if (response.ok) return answer as Json;
    const said = isObject(answer) ? answer : {};
    const hint = typeof said.hint === 'string' ? said.hint : '';
    const why = said.message ?? `status ${response.status}`;
    if (AWAY_STATUS.includes(response.status)) {
      throw new ShimError('COLLECTOR_UNREACHABLE', `the collector is not ready: ${why}`, hint);
    }
    throw new ShimError('COLLECTOR_REFUSED', `the collector refused ${path}: ${why}`, hint);
  }
}
