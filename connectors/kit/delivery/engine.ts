/** The parts that decide what goes out when, wired together for one delivery. */
import type { Guarantee } from '@vitrine/schema/api';
import type { Batch, DeliverableAlert } from '../contract.ts';
import type { Wire } from '../wire/wire.ts';
import { Breaker } from './backoff.ts';
import { Batcher } from './batcher.ts';
import { Confirmations } from './confirm.ts';
import type { DeliverySource, DeliveryTiming } from './contract.ts';
import type { OutcomeParts, Outcomes } from './outcomes.ts';
import { Concurrency, Rate } from './pace.ts';
import { Pauses } from './pauses.ts';
import { Sender } from './sender.ts';
import type { Held } from './state.ts';
import { Timers } from './timers.ts';

/** What is opened before anything runs. */
export interface EngineParts extends OutcomeParts {
  type: string;
  guarantee: Guarantee;
  outcomes: Outcomes;
  source: DeliverySource;
  wire: Wire;
  batch: Batch;
  encode(alert: DeliverableAlert): Uint8Array;
  /** Alerts a second. */
  rate: number | undefined;
  random: () => number;
  timing: DeliveryTiming;
  /** What the position file says and keeps. */
  kept: { held?: Held | undefined };
}

/** What the delivery itself answers. */
interface EngineHooks {
  /** Something may be due. */
  due(): void;
  stopping(): boolean;
}

export interface Engine {
  timers: Timers;
  breaker: Breaker;
  pauses: Pauses;
  concurrency: Concurrency;
  rate: Rate | undefined;
  batcher: Batcher;
  confirmations: Confirmations;
  sender: Sender;
  /** Aborts what is under way when a stop has waited long enough. */
  aborter: AbortController;
}

export function assemble(parts: EngineParts, { due, stopping }: EngineHooks): Engine {
  const { name, log, clock, wire, outcomes, kept, timing, random } = parts;
  const { retryMsMin, retryMsMax, pauseMs, confirmMs = wire.confirms.pollMs } = timing;
  const backoff = { retryMsMin, retryMsMax, random };
  const timers = new Timers(clock);
  const aborter = new AbortController();
  const breaker = new Breaker(backoff);
  const goOn = (): void => {
    breaker.probeFirst();
    due();
  };
  const pauses = new Pauses({ name, clock, timers, pauseMs, log, goOn }, kept);
  const concurrency = new Concurrency(wire.concurrentMax);
  const confirmations = new Confirmations({
    pollMs: confirmMs,
    triesMax: wire.confirms.triesMax,
    ask: (tickets) => wire.confirm(tickets, aborter.signal),
    later: (ms, run) => timers.later(ms, run),
    async accept(entries, answer) {
      for (const entry of entries) await outcomes.accept(entry, answer);
      due();
    },
    again: (entries, reason) => sender.again(entries, reason),
    pause: (reason) => pauses.answersSay(reason),
  });
  const control = { timers, breaker, pauses, concurrency, confirmations, backoff };
  const sender = new Sender({ ...parts, ...control, abort: aborter.signal, due, stopping });
  const batcher = new Batcher(parts.batch, parts.encode);
  const rate = parts.rate === undefined ? undefined : new Rate(parts.rate, clock.monotonic());
  return { timers, breaker, pauses, concurrency, rate, batcher, confirmations, sender, aborter };
}
