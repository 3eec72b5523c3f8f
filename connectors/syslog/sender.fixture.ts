/** The syslog connector with settings for one receiver, without a collector around it. */
import { systemClock } from '../kit/clock.ts';
import type { DeliverableAlert, Item, Outcome } from '../kit/contract.ts';
import { SecretReader } from '../kit/secret.ts';
import { openWire } from '../kit/wire/open.ts';
import type { Wire } from '../kit/wire/wire.ts';
import { syslog } from './index.ts';

/** Long enough for a refusal that comes after the handshake, short for a test. */
const SETTLE_MS = 300;
const TIMING = { connectMs: 3_000, attemptMs: 8_000 };

export class Sender {
  readonly #connector: ReturnType<typeof syslog.configure>;
  readonly #wire: Wire;
  readonly #never = new AbortController();

  constructor(settings: object) {
    const raw = { host: '127.0.0.1', allow: ['loopback'], settle_ms: SETTLE_MS, ...settings };
    const connector = syslog.configure('soc', { ...raw, hostname: 'collector.example' });
    this.#connector = connector;
    const secrets = new SecretReader({});
    const parts = { connector, secrets, clock: systemClock };
    this.#wire = openWire({ ...parts, ...TIMING });
  }

  encoded(alerts: DeliverableAlert[]): Item[] {
    return alerts.map((alert) => ({ id: alert.id, bytes: this.#connector.encode(alert) }));
  }

  send(items: Item[], stop: AbortSignal = this.#never.signal): Promise<Outcome> {
    return this.#wire.send(items, 1, stop);
  }

  close(): Promise<void> {
    return this.#wire.close();
  }
}

/** Sends all of it in one attempt. */
export async function sentOnce(settings: object, alerts: DeliverableAlert[]): Promise<Outcome> {
  const sender = new Sender(settings);
  try {
    return await sender.send(sender.encoded(alerts));
  } finally {
    await sender.close();
  }
}
