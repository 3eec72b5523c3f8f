/**
 * Sends one alert that says it is a test, over the very path of a real one, and reports how far it
 * came: settings and secrets, name, connection, TLS, token, health, answer, confirmation.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { TestReport, TestStep } from '@vitrine/schema/api';
import { type Clock, systemClock } from './clock.ts';
import { processEnvironment } from './config.ts';
import type { DeliverableAlert, Item, Outcome } from './contract.ts';
import type { ConfiguredConnector } from './define.ts';
import { DELIVERY_TIMING, type DeliveryTiming } from './delivery/contract.ts';
import { type Environment, SecretReader } from './secret.ts';
import type { ConnectTrace } from './wire/agent.ts';
import { openWire } from './wire/open.ts';
import type { Wire } from './wire/wire.ts';

type StepName = TestStep['step'];

export interface TestDeps {
  clock?: Clock;
  environment?: Environment;
  timing?: Partial<DeliveryTiming>;
  /** Each step as soon as it is over. */
  onStep?(step: TestStep): void;
}

/** Never rejects for what the destination does; throws CONNECTOR_CONFIG_INVALID for `ca_file`. */
export async function selfTest(
  name: string,
  connector: ConfiguredConnector,
  deps: TestDeps = {},
): Promise<TestReport> {
  const { clock = systemClock, environment = processEnvironment } = deps;
  const timing = { ...DELIVERY_TIMING, ...deps.timing };
  const { connectMs, attemptMs } = timing;
  const secrets = new SecretReader(environment);
  const steps = new Steps(clock, deps.onStep);
  const { signal } = new AbortController();
  const wire = openWire({ connector, secrets, clock, connectMs, attemptMs, trace: steps });
  const alert = testAlert(clock.now());
  try {
    const ok = await walk(wire, itemOf(connector, alert), steps, timing, signal);
    const confirmed = ok && connector.guarantee === 'answered';
    const told = { connector: name, type: connector.type, ok, confirmed };
    return { ...told, alert: alert.id, steps: steps.taken };
  } finally {
    await wire.close();
  }
}

function itemOf(connector: ConfiguredConnector, alert: DeliverableAlert): Item {
  return { id: alert.id, bytes: connector.encode(alert) };
}

/** Token and health where there are any, the alert, its confirmation where there is one. */
async function walk(
  wire: Wire,
  item: Item,
  steps: Steps,
  timing: DeliveryTiming,
  signal: AbortSignal,
): Promise<boolean> {
  const before: [StepName, () => Promise<Outcome | undefined>][] = [
    ['token', () => wire.authorize(signal)],
    ['probe', () => wire.probe(signal)],
  ];
  for (const [step, ask] of before) {
    const said = await ask();
    if (said === undefined) continue;
    if (!('answer' in said)) return steps.fail(step, said.reason);
    steps.pass(step, said.answer);
  }
  const outcome = await wire.send([item], 1, signal);
  if (!('answer' in outcome)) return steps.fail('send', outcome.reason);
  if (outcome.kind === 'partial' && outcome.items[0]?.kind !== 'ok') {
    const [first] = outcome.items;
    return steps.fail('send', first?.reason ?? outcome.answer);
  }
  steps.pass('send', outcome.answer);
  if (outcome.kind !== 'accepted') return true;
  const { pollMs, triesMax } = wire.confirms;
  for (let tries = 0; tries < triesMax; tries++) {
    await setTimeout(timing.confirmMs ?? pollMs);
    const said = await wire.confirm([outcome.ticket], signal);
    if (said instanceof Map && said.get(outcome.ticket) === true) {
      steps.pass('confirm', 'it is safe');
      return true;
    }
  }
  return steps.fail('confirm', 'sent, and not confirmed in time');
}

/** Follows the connections; the step that fails is the first that was not reported. */
class Steps implements ConnectTrace {
  readonly #clock: Clock;
  readonly #told: (step: TestStep) => void;
  readonly taken: TestStep[] = [];
  /** Connected to, or about to be: each is reported once. */
  readonly #known = new Set<string>();
  /** Of the connection that is being made for the next step. */
  #awaited: StepName[] = [];
  #isConnecting = false;
  #since: number;

  constructor(clock: Clock, told: (step: TestStep) => void = () => {}) {
    this.#clock = clock;
    this.#told = told;
    this.#since = clock.monotonic();
  }

  /** Further ones for the same step, as to the brokers of a cluster, are a part of it. */
  connecting(to: string, literal: boolean, secure: boolean): void {
    if (this.#known.has(to) || this.#isConnecting) return;
    if (this.#known.size === 0) this.#push('settings', true, 'complete');
    this.#known.add(to);
    this.#isConnecting = true;
    const dns: StepName[] = literal ? [] : ['dns'];
    const tls: StepName[] = secure ? ['tls'] : [];
    this.#awaited = [...dns, 'connect', ...tls];
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

  pass(step: StepName, detail: string): void {
    this.#isConnecting = false;
    this.#awaited = [];
    this.#push(step, true, detail);
  }

  /** At this step, or at the one before it that was never reached. */
  fail(step: StepName, detail: string): false {
    const at = this.#known.size === 0 ? 'settings' : (this.#awaited[0] ?? step);
    this.#push(at, false, detail);
    return false;
  }

  #done(step: StepName, detail: string): void {
    if (this.#awaited[0] !== step) return;
    this.#awaited.shift();
    this.#push(step, true, detail);
  }

  #push(step: StepName, ok: boolean, detail: string): void {
    const now = this.#clock.monotonic();
    const taken = { step, ok, ms: Math.round(now - this.#since), detail };
    this.taken.push(taken);
    this.#since = now;
    this.#told(taken);
  }
}

export function testAlert(nowMs: number): DeliverableAlert {
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
