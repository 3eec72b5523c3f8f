/** What a person, and a scrape of the metrics, sees of one delivery. */
import type { ConnectorItem, DeliveryState } from '@vitrine/schema/api';
import { hintOf } from '../hint.ts';
import type { Engine, EngineParts } from './engine.ts';

const NS_IN_MS = 1_000_000n;

interface Now {
  state: 'stopped' | undefined;
  inFlight: number;
}

export function statusOf(parts: EngineParts, engine: Engine, now: Now): ConnectorItem {
  const { name, type, guarantee, window, letters, clock } = parts;
  const { breaker, pauses, confirmations, sender } = engine;
  const { delivered, failures, lastError, lastSuccessAt } = parts.outcomes;
  const { waiting } = window;
  const oldest = waiting[0] && Number(BigInt(waiting[0].alert.t) / NS_IN_MS);
  return {
    name,
    type,
    guarantee,
    state: now.state ?? stateOf(parts, engine),
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
    lastErrorHint: hintOf(lastError?.reason ?? null, name),
    lastErrorAt: lastError?.at ?? null,
    lastSuccessAt: lastSuccessAt ?? null,
  };
}

/** Also while the breaker is closed: what waits was tried, and nothing has got through since. */
function stateOf({ window, outcomes }: EngineParts, { pauses, breaker }: Engine): DeliveryState {
  if (pauses.paused) return 'paused';
  const { lastError, lastSuccessAt = 0 } = outcomes;
  const isFailing = window.waiting.length > 0 && (lastError?.at ?? 0) > lastSuccessAt;
  return breaker.open || isFailing ? 'retrying' : 'running';
}
