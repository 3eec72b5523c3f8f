/** The access token of a destination: one fetch at a time, before the old one ends. */
import { TOKEN_EARLY_MS_MAX, TOKEN_EARLY_SHARE } from '@vitrine/schema';
import type { Clock } from '../clock.ts';
import type { Outcome, Token } from '../contract.ts';

interface Held {
  token: string;
  /** Monotonic milliseconds. */
  renewAt: number;
  endsAt: number;
}

interface TokenOptions {
  clock: Clock;
  fetch(signal: AbortSignal): Promise<Token | Outcome>;
  /** From now on no text may show it. */
  hide(token: string): void;
}

export class Tokens {
  readonly #options: TokenOptions;
  #held: Held | undefined;
  #fetching: Promise<string | Outcome> | undefined;

  constructor(options: TokenOptions) {
    this.#options = options;
  }

  /** A token that is good for now, or why there is none. */
  async get(signal: AbortSignal): Promise<string | Outcome> {
    const now = this.#options.clock.monotonic();
    const held = this.#held;
    if (held !== undefined && now < held.renewAt) return held.token;
    this.#fetching ??= this.#fetch(signal).finally(() => {
      this.#fetching = undefined;
    });
    const fetched = await this.#fetching;
    if (typeof fetched === 'string' || held === undefined || now >= held.endsAt) return fetched;
    // The issuer is away, and the old one still holds.
    return held === this.#held ? held.token : fetched;
  }

  /** The destination does not take this one: the next `get` fetches, unless one came meanwhile. */
  refused(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  async #fetch(signal: AbortSignal): Promise<string | Outcome> {
    const { clock, fetch, hide } = this.#options;
    const asked = clock.monotonic();
    const answer = await fetch(signal);
    if ('kind' in answer) return refusal(answer);
    const { token, expiresInMs } = answer;
    hide(token);
    const early = Math.min(TOKEN_EARLY_MS_MAX, expiresInMs * TOKEN_EARLY_SHARE);
    const endsAt = asked + expiresInMs;
    this.#held = { token, renewAt: endsAt - early, endsAt };
    return token;
  }
}

/** No alert is at fault when the issuer refuses. */
function refusal(outcome: Outcome): Outcome {
  if (outcome.kind === 'retry') return { ...outcome, reason: `token: ${outcome.reason}` };
  const said = 'reason' in outcome ? outcome.reason : outcome.answer;
  return { kind: 'pause', reason: `token: ${said}` };
}
