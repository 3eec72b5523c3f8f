/**
 * HTTP to one destination: token, request, answer, judgement. Whatever happens on the way becomes
 * an outcome; nothing is thrown.
 */
import { CONNECTOR_ANSWER_BYTES_MAX, DELIVERY_CONCURRENT_MAX } from '@vitrine/schema';
import type { Agent } from 'undici';
import { classifyAnswer } from '../classify.ts';
import type { HttpAnswer, HttpRequest, Item, Outcome } from '../contract.ts';
import type { HttpTransport } from '../define.ts';
import { AddressPolicy } from './address.ts';
import { guardedAgent } from './agent.ts';
import { exchange } from './exchange.ts';
import { failureOf } from './failure.ts';
import { TlsFiles, type TlsMaterial } from './tls-files.ts';
import { Tokens } from './token.ts';
import { cleaned, NO_CONFIRMS, type Wire, type WireOptions } from './wire.ts';

export class HttpWire implements Wire {
  readonly concurrentMax = DELIVERY_CONCURRENT_MAX;
  readonly #options: WireOptions;
  readonly #transport: HttpTransport;
  readonly #policy: AddressPolicy;
  readonly #files: TlsFiles;
  readonly #tokens: Tokens | undefined;
  #material: TlsMaterial;
  #agent: Agent;
  /** Monotonic milliseconds at which the files are looked at again. */
  #lookAt = 0;

  /** Throws CONNECTOR_CONFIG_INVALID when a PEM file cannot be read. */
  constructor(options: WireOptions, transport: HttpTransport) {
    this.#options = options;
    this.#transport = transport;
    this.#policy = new AddressPolicy(options.connector.settings.allow);
    this.#files = new TlsFiles(options.connector.settings);
    this.#material = this.#files.read();
    this.#agent = this.#makeAgent();
    this.#tokens = transport.token && this.#makeTokens(transport.token);
  }

  get confirms(): { pollMs: number; triesMax: number } {
    return this.#transport.confirm ?? NO_CONFIRMS;
  }

  async send(items: Item[], attempt: number, stop: AbortSignal): Promise<Outcome> {
    const first = await this.#attempt(items, attempt, stop);
    if (first.outcome.kind !== 'renew' || first.token === undefined) return this.#said(first);
    this.#tokens!.refused(first.token);
    return this.#said(await this.#attempt(items, attempt, stop));
  }

  async confirm(tickets: string[], stop: AbortSignal): Promise<Map<string, boolean> | Outcome> {
    const { confirm } = this.#transport;
    const { secrets } = this.#options;
    if (confirm === undefined) return { kind: 'retry', reason: 'nothing can be confirmed' };
    const make = (): HttpRequest => confirm.request(tickets, secrets);
    const answer = await this.#exchange(make, confirm.read, stop);
    return answer instanceof Map ? answer : cleaned(answer, secrets);
  }

  async authorize(stop: AbortSignal): Promise<Outcome | undefined> {
    const token = await this.#tokens?.get(stop);
    if (token === undefined) return undefined;
    if (typeof token === 'string') return { kind: 'ok', answer: 'the issuer gave a token' };
    return cleaned(token, this.#options.secrets);
  }

  async probe(stop: AbortSignal): Promise<Outcome | undefined> {
    const { probe } = this.#transport;
    const { secrets } = this.#options;
    if (probe === undefined) return undefined;
    const outcome = await this.#exchange(() => probe(secrets), classifyAnswer, stop);
    return cleaned(outcome, secrets);
  }

  secretsChanged(): boolean {
    return this.#options.secrets.changed() || this.#files.changed();
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #attempt(
    items: Item[],
    attempt: number,
    stop: AbortSignal,
  ): Promise<{ outcome: Outcome; token?: string }> {
    const { clock, secrets } = this.#options;
    const token = await this.#tokens?.get(stop);
    if (typeof token === 'object') return { outcome: token };
    const given = token === undefined ? {} : { token };
    const sending = { items, atMs: clock.now(), attempt, ...given };
    const outcome = await this.#exchange(
      () => this.#transport.request(sending, secrets),
      (answer) => this.#transport.classify(answer, items, secrets),
      stop,
    );
    return { outcome, ...given };
  }

  #said({ outcome }: { outcome: Outcome }): Outcome {
    const { secrets } = this.#options;
    if (outcome.kind !== 'renew') return cleaned(outcome, secrets);
    return cleaned({ kind: 'pause', reason: outcome.reason }, secrets);
  }

  #exchange<T>(
    make: () => HttpRequest,
    read: (answer: HttpAnswer) => T,
    stop: AbortSignal,
    answerBytesMax = this.#transport.answerBytesMax,
  ): Promise<T | Outcome> {
    const { clock, attemptMs, exchange: ask = exchange } = this.#options;
    try {
      this.#refresh();
    } catch (error) {
      return Promise.resolve(failureOf(error));
    }
    const dispatcher = this.#agent;
    return ask(make, read, { dispatcher, clock, attemptMs, answerBytesMax, stop });
  }

  /** New connections use new files; what is under way ends over the old ones. */
  #refresh(): void {
    const now = this.#options.clock.monotonic();
    if (now < this.#lookAt) return;
    const material = this.#files.read();
    this.#lookAt = now + FILES_LOOK_MS;
    if (material === this.#material) return;
    this.#material = material;
    this.#agent.close().catch(() => {});
    this.#agent = this.#makeAgent();
  }

  #makeAgent(): Agent {
    const { connectMs, trace, secrets } = this.#options;
    const { proxy } = this.#transport;
    return guardedAgent({
      policy: this.#policy,
      connectMs,
      tls: this.#material,
      ...(proxy !== undefined && {
        proxy: () => (typeof proxy === 'string' ? proxy : secrets.read(proxy).reveal()),
      }),
      ...(trace !== undefined && { trace }),
    });
  }

  #makeTokens(token: NonNullable<HttpTransport['token']>): Tokens {
    const { clock, secrets } = this.#options;
    return new Tokens({
      clock,
      hide: (text) => secrets.hide(text),
      fetch: (signal) => {
        const make = (): HttpRequest => token.request(secrets);
        return this.#exchange(make, token.read, signal, CONNECTOR_ANSWER_BYTES_MAX);
      },
    });
  }
}

/** A certificate is looked at no more often than this, however many requests there are. */
const FILES_LOOK_MS = 1_000;
