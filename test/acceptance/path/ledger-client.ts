/**
 * A process that pushes OTLP and keeps a ledger of what was acknowledged: `ledger-client.ts JSON`.
 * A request that was refused for now, or whose answer was lost, is sent again with the same body
 * until it is acknowledged. Ends on SIGTERM; anything that must not happen ends it with status 1.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from './chance.ts';
import { Ledger } from './ledger.ts';
import {
  type JSON_TYPE,
  jsonBody,
  type MarkedEvent,
  PROTOBUF,
  post,
  protobufBody,
} from './otlp.ts';

export interface ClientOrder {
  /** Begins every id, and names the client's sessions. */
  name: string;
  url: string;
  token: string;
  type: typeof JSON_TYPE | typeof PROTOBUF;
  ledger: string;
  seed: number;
}

/** What an OTLP client sends again (OTLP 1.11, "Retryable Response Codes"). */
const AGAIN = new Set([429, 502, 503, 504]);
const EVENTS_MAX = 12;
const SESSIONS = 3;
const PAUSE_MS_MAX = 40;
const RETRY_MS = 60;
const NS_PER_MS = 1_000_000n;

let stopped = false;
process.on('SIGTERM', () => {
  stopped = true;
});
await pushUntilStopped(JSON.parse(process.argv[2]!) as ClientOrder);

async function pushUntilStopped(order: ClientOrder): Promise<void> {
  const chance = new Chance(order.seed);
  const ledger = new Ledger(order.ledger);
  for (let serial = 0; !stopped; ) {
    const events: MarkedEvent[] = [];
    for (let rest = chance.between(1, EVENTS_MAX + 1); rest > 0; rest--) {
      const session = `${order.name}-${serial % SESSIONS}`;
      const t = String(BigInt(Date.now()) * NS_PER_MS);
      events.push({ id: `${order.name}.${serial++}`, session, t });
    }
    const ids = events.map((event) => event.id);
    const body = order.type === PROTOBUF ? protobufBody(events) : jsonBody(events);
    ledger.sent(ids);
    const tries = await sendUntilAcked(order, body);
    if (tries > 0) ledger.acked(ids, tries);
    await sleep(chance.between(0, PAUSE_MS_MAX));
  }
  ledger.close();
}

/** Tries it took; 0 when the end came first and the request stays in doubt. */
async function sendUntilAcked({ url, token, type }: ClientOrder, body: Buffer): Promise<number> {
  for (let tries = 1; !stopped; tries++) {
    const status = await statusOf(post({ url: `${url}/v1/logs`, token, type, body }));
    if (status === 200) return tries;
    if (status !== undefined && !AGAIN.has(status)) {
      throw new Error(`a good request was answered with ${status}`);
    }
    await sleep(RETRY_MS);
  }
  return 0;
}

/** `undefined` when there was no answer. */
async function statusOf(answer: ReturnType<typeof post>): Promise<number | undefined> {
  try {
    return (await answer).status;
  } catch {
    return undefined;
  }
}
