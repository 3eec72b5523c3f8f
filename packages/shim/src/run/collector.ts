/** The two calls `run` makes to the collector: a sandbox begins, a sandbox is gone. */
import { DRAIN_MS_MAX, isObject, type Json, type SandboxDescription } from '@vitrine/schema';
import { ShimError, systemCode } from '../error.ts';

export interface Registration {
  session?: string;
  description: SandboxDescription;
  relay: { socket: string; standing: 'host'; mac_key: string };
}

const CALL_MS_MAX = 10_000;

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

  /** Resolves when the relay is drained and the end of the session is durable. */
  async end(session: string): Promise<void> {
    const path = `/v1/sandboxes/${encodeURIComponent(session)}/end`;
    await this.#post(path, {}, DRAIN_MS_MAX + CALL_MS_MAX);
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
    const message = `the collector refused ${path}: ${said.message ?? `status ${response.status}`}`;
    throw new ShimError(
      'COLLECTOR_REFUSED',
      message,
      typeof said.hint === 'string' ? said.hint : '',
    );
  }
}
