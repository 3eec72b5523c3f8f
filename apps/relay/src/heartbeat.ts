/**
 * Says at a fixed pace that the relay lives and what it has heard: a silence of the shims, or of
 * the relay itself, can then be told from an idle sandbox (pull.md).
 */
import type { LiveChain } from './chain/live.ts';
import { heartbeatEvent } from './chain/own.ts';
import type { ShimTable } from './chain/shims.ts';
import type { Custody } from './custody/custody.ts';
import type { Spool } from './spool/spool.ts';

export interface HeartbeatOptions {
  spool: Spool;
  custody: Custody;
  chains: LiveChain[];
  shims: ShimTable;
  /** Milliseconds between two. */
  everyMs: number;
}

/** Returns what stops it. */
export function startHeartbeat(options: HeartbeatOptions): () => void {
  let writing = false;
  const timer = setInterval(async () => {
    const { custody, spool } = options;
    // A full spool or a stuck disk shows as silence, which is what it is.
    if (writing || custody.closed || spool.tight || spool.room() <= 0) return;
    writing = true;
    await Promise.allSettled(options.chains.map((chain) => beat(options, chain)));
    writing = false;
  }, options.everyMs);
  return () => clearInterval(timer);
}

function beat({ spool, custody, shims }: HeartbeatOptions, chain: LiveChain): Promise<unknown> {
  const own = shims.all.filter((shim) => shim.vantage === chain.vantage);
  const vitals = {
    spoolBytes: spool.bytes,
    spoolCap: spool.bytesMax,
    dropped: custody.drops.total,
  };
  return custody.write(chain, (t) => heartbeatEvent(t, own, vitals));
}
