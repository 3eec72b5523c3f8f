/**
 * The records a relay writes about itself (LOG.md §2, pull.md). They have no member
 * `source` unless they speak of a shim; whatever came through an intake always has one.
 */
import type { EventBody } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import type { SpoolChain } from '../spool/chain.ts';
import type { ShimMark } from './shims.ts';

export interface Hello {
  boot: string;
  /** Versions by name: the relay's and Node's. */
  versions: Record<string, string>;
  /** Hex SHA-256 of the chain's first key. */
  k0: string;
  /** The chain of this vantage and session before a restart, as far as the spool knows. */
  previous: SpoolChain | undefined;
  /** Bytes of a torn write that were cut off the spool at this start. */
  tornBytes: number;
}

export function helloEvent(t: string, hello: Hello): EventBody {
  const { boot, versions, k0, previous, tornBytes } = hello;
  const fields: JsonObject = { boot, k0, proto: 'OPP/1', versions };
  if (previous !== undefined) {
    const { name, next, head } = previous;
    fields.previous = { chain: name, seq: next - 1, head: head.toString('base64') };
  }
  if (tornBytes > 0) fields.torn_bytes = tornBytes;
  return { kind: 'telemetry.hello', t, fields };
}

/** `dropped`: events refused since this process began, all vantages together. */
export interface Vitals {
  spoolBytes: number;
  spoolCap: number;
  dropped: number;
}

export function heartbeatEvent(t: string, shims: ShimMark[], vitals: Vitals): EventBody {
  const { spoolBytes, spoolCap, dropped } = vitals;
  const heard = shims
    .filter((shim) => shim.seenNs > 0n)
    .map(({ name, last, records, seenNs }) => {
      return { name, last_seq: last, last_seen_ns: String(seenNs), records };
    });
  const fields = { shims: heard, spool: { bytes: spoolBytes, cap: spoolCap }, dropped };
  return { kind: 'telemetry.heartbeat', t, fields };
}

/** Records that a shim numbered and this relay never saw. */
export function shimGapEvent(t: string, shim: string, from: number, to: number): EventBody {
  return {
    kind: 'telemetry.gap',
    t,
    fields: { source: { shim }, from, to, reason: 'shim_sequence' },
  };
}

/** Records that were in the spool and cannot be read any more. */
export function spoolGapEvent(t: string, chain: string, from: number, to: number): EventBody {
  return {
    kind: 'telemetry.gap',
    t,
    fields: { target: { chain }, from, to, reason: 'spool_damaged' },
  };
}

/** The chain ends here; `count` is the number of its records, this one included. */
export function byeEvent(t: string, seq: number, reason: 'drain' | 'stop'): EventBody {
  return { kind: 'telemetry.bye', t, fields: { count: seq + 1, reason } };
}
