/**
 * Sends one alert that says it is a test, over the very path of a real one, and reports how far it
 * came: settings and secrets, name, connection, TLS, answer.
 */
import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from './clock.ts';
import { processEnvironment } from './config.ts';
import type { DeliverableAlert } from './contract.ts';
import type { ConfiguredConnector } from './define.ts';
import { DELIVERY_TIMING, type DeliveryTiming } from './delivery/contract.ts';
import { type Environment, SecretReader } from './secret.ts';
import type { ConnectTrace } from './wire/agent.ts';
import { openWire } from './wire/open.ts';

type StepName = 'settings' | 'dns' | 'connect' | 'tls' | 'send';

export type TestStep = {
  step: StepName;
  ok: boolean;
  /** Milliseconds since the step before. */
  ms: number;
  detail: string;
};

export type TestReport = {
  connector: string;
  type: string;
  /** The destination took the test alert. */
  ok: boolean;
  /** Id of the test alert, to look for at the destination. */
  alert: string;
  /** In order; the first that is not ok is the last. A literal address has no `dns`. */
  steps: TestStep[];
};

export interface TestDeps {
  clock?: Clock;
  environment?: Environment;
  timing?: Partial<DeliveryTiming>;
}

/** Never rejects for what the destination does; throws CONNECTOR_CONFIG_INVALID for `ca_file`. */
export async function selfTest(
  name: string,
  connector: ConfiguredConnector,
  deps: TestDeps = {},
): Promise<TestReport> {
  const { clock = systemClock, environment = processEnvironment } = deps;
  const { connectMs, attemptMs } = { ...DELIVERY_TIMING, ...deps.timing };
  const secrets = new SecretReader(environment);
  const steps = new Steps(clock);
  const log = (): void => {};
  const wire = openWire({ connector, secrets, clock, connectMs, attemptMs, log, trace: steps });
  const alert = testAlert(clock.now());
  try {
    const item = { id: alert.id, bytes: connector.encode(alert) };
    const outcome = await wire.send([item], 1, new AbortController().signal);
    const ok = outcome.kind === 'ok';
    const taken = steps.finish(ok, 'answer' in outcome ? outcome.answer : outcome.reason);
    return { connector: name, type: connector.type, ok, alert: alert.id, steps: taken };
  } finally {
    await wire.close();
  }
}

/** Follows one connection; the step that fails is the first that was not reported. */
class Steps implements ConnectTrace {
  readonly #clock: Clock;
  readonly #taken: TestStep[] = [];
  #awaited: StepName[] = ['settings'];
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  connecting(literal: boolean, secure: boolean): void {
    this.#done('settings', 'complete');
    const dns: StepName[] = literal ? [] : ['dns'];
    const tls: StepName[] = secure ? ['tls'] : [];
    this.#awaited = [...dns, 'connect', ...tls, 'send'];
  }

  resolved(addresses: string[]): void {
    this.#done('dns', addresses.join(', '));
  }

  connected(address: string): void {
    this.#done('connect', address);
  }

  secured(detail: string): void {
    this.#done('tls', detail);
  }

  finish(ok: boolean, detail: string): TestStep[] {
    this.#push(this.#awaited[0]!, ok, detail);
    return this.#taken;
  }

  #done(step: StepName, detail: string): void {
    if (this.#awaited[0] !== step) return;
    this.#awaited.shift();
    this.#push(step, true, detail);
  }

  #push(step: StepName, ok: boolean, detail: string): void {
    const now = this.#clock.monotonic();
    this.#taken.push({ step, ok, ms: Math.round(now - this.#since), detail });
    this.#since = now;
  }
}

function testAlert(nowMs: number): DeliverableAlert {
  const id = `alr_${randomBytes(16).toString('hex')}`;
  const t = `${nowMs}000000`;
  const record = {
    id,
    rule: 'SELFTEST',
    title: 'Test of a connector',
    severity: 'informational',
    subject: 'selftest',
    vantage: 'host',
    what: 'Somebody tested this connector; nothing happened.',
    todo: 'Nothing.',
    evidence: [],
    tags: [],
    t,
  };
  return { id, log: '', index: 0, leaf: '', t, record, proof: '', link: '', test: true };
}
