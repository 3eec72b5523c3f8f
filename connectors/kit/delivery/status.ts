/** What a person, and a scrape of the metrics, sees of one delivery. */
import { hintOf } from '../hint.ts';
import type { DeliveryState, DeliveryStatus } from './contract.ts';
import type { Engine, EngineParts } from './engine.ts';

const NS_IN_MS = 1_000_000n;

interface Now {
  state: 'stopped' | undefined;
  inFlight: number;
}

export function statusOf(parts: EngineParts, engine: Engine, now: Now): DeliveryStatus {
  const { name, type, guarantee, window, letters, clock } = parts;
  const { breaker, pauses, confirmations, sender } = engine;
  const { delivered, failures, lastError, lastSuccessAt } = parts.outcomes;
  const { waiting } = window;
  const oldest = waiting[0] && Number(BigInt(waiting[0].alert.t) / NS_IN_MS);
  return {
    name,
    type,
    guarantee,
    state: now.state ?? stateOf(engine),
    cursor: window.cursor,
    lag: waiting.length,
    lagMs: oldest === undefined ? 0 : Math.max(0, clock.now() - oldest),
    delivered,
    failed: Object.values(failures).reduce((sum, count) => sum + count, 0),
    failures,
    retries: sender.retries,
    dead: letters.size,
    inFlight: now.inFlight,
    unconfirmed: confirmations.size,
    breaker: breaker.open ? 'open' : 'closed',
    pausedBy: pauses.by,
    pausedReason: pauses.reason,
    lastError: lastError?.reason ?? null,
    lastErrorHint: hintOf(lastError?.reason ?? null),
    lastErrorAt: lastError?.at ?? null,
    lastSuccessAt: lastSuccessAt ?? null,
  };
}

function stateOf({ pauses, breaker }: Engine): DeliveryState {
  if (pauses.paused) return 'paused';
  return breaker.open ? 'retrying' : 'running';
}
