/**
 * How a TypeScript agent, or anything else that runs on Node, reports its own events to Vitrine:
 * docs/guides/sdk.md. Light to import; OpenTelemetry's SDK is loaded by `startVitrine`.
 */
import { NAME_CHARS_MAX, SDK_ACK_MS_MAX, SHIM_CLOSE_MS_MAX } from '@vitrine/schema';
import { ShimError } from '../error.ts';
import { ShimLife } from '../send/life.ts';
import type { SendCounts } from '../send/queue.ts';
import type { Parts } from './attributes.ts';
import { endpointOf } from './endpoint.ts';
import { type Attributes, type Doing, type EventOptions, Reporter } from './reporter.ts';

export { ShimError } from '../error.ts';
export type { Attributes, Doing, EventOptions, Parts, SendCounts };

export interface VitrineOptions {
  /** `http://host:port`, `https://host:port` or `unix:///path`; the collector's port 4317 here. */
  endpoint?: string | undefined;
  /** Who reports: shown as `source.shim` of every record. */
  shim: string;
  /** Session of the events where no sandbox gives one. */
  session?: string | undefined;
  /** Token with the role `ingest`, for a collector. */
  token?: string | undefined;
  /** Counters of the reporter's own, said in heartbeats and at the end as `counts.<name>`. */
  counts?: () => Record<string, number>;
  /** Gets a line for events that were refused; stderr if it is left out. */
  log?: (line: string) => void;
}

export interface Vitrine {
  /**
   * Reports what happened at one moment. `kind` is a name of `EVENT_KINDS`; any other becomes kind
   * `other`. Resolves when the receiver has it on disk. Rejects with SEND_UNHEARD when it is silent
   * for `boundMs` (5 s): the event stays in line; with SEND_REFUSED when it will never be taken.
   * Whoever does not wait need not catch: `counts` tells.
   */
  event(kind: string, attributes: Attributes, options?: EventOptions): Promise<void>;
  /**
   * Does something and reports it with its duration, and as failed when it throws. What is reported
   * inside belongs to it. Resolves with what `act` gives, once that is durable or 5 s have passed.
   */
  during<T>(
    kind: string,
    attributes: Attributes,
    act: (doing: Doing) => Promise<T> | T,
  ): Promise<T>;
  readonly counts: Readonly<SendCounts>;
  /** Says the totals and waits, at most `boundMs`; false when an event was lost. */
  shutdown(boundMs?: number): Promise<boolean>;
}

/** Throws CONFIG_INVALID. The receiver need not be there yet. */
export async function startVitrine(options: VitrineOptions): Promise<Vitrine> {
  const { endpoint, shim, session, token, counts = () => ({}), log = toStderr } = options;
  if (shim === '' || shim.length > NAME_CHARS_MAX) {
    const hint = `a name of 1 to ${NAME_CHARS_MAX} characters`;
    throw new ShimError('CONFIG_INVALID', 'the shim has no name that can be told apart', hint);
  }
  const way = { endpoint: endpointOf(endpoint), shim, session, token, log };
  const reporter = await Reporter.start(way);
  const life = new ShimLife(reporter, counts);
  life.hello();
  return {
    event: (kind, attributes, given = {}) =>
      reporter.event(kind, attributes, { boundMs: SDK_ACK_MS_MAX, ...given }),
    during: (kind, attributes, act) => reporter.during(kind, attributes, act),
    get counts() {
      return reporter.counts;
    },
    shutdown: (boundMs = SHIM_CLOSE_MS_MAX) => life.bye(boundMs),
  };
}

function toStderr(line: string): void {
  process.stderr.write(`vitrine: ${line}\n`);
}
