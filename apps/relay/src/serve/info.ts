/** `GET /opp/v1/info`: what there is to pull, and how the relay is. Times are decimal text. */
import type { Json, JsonObject } from '@vitrine/schema';
import type { ShimMark } from '../chain/shims.ts';
import type { SpoolChain } from '../spool/chain.ts';
import type { Served } from './server.ts';

export function infoOf({ session, boot, spool, shims, custody, now }: Served): JsonObject {
  return {
    proto: 'OPP/1',
    session,
    boot,
    chains: spool.listed.map(chainInfo),
    spool_bytes: spool.bytes,
    spool_cap: spool.bytesMax,
    dropped_total: custody.drops.total,
    clock_ns: String(now()),
    shims: shims.all.filter((shim) => shim.seenNs > 0n).map(shimInfo),
    draining: custody.closed,
  };
}

function chainInfo(chain: SpoolChain): Json {
  return {
    chain: chain.name,
    vantage: chain.vantage,
    first: chain.first?.toString('base64') ?? null,
    next_seq: chain.next,
    acked_seq: chain.acked,
    oldest_seq: chain.oldest,
  };
}

function shimInfo({ name, vantage, last, seenNs }: ShimMark): Json {
  return { name, vantage, last_seq: last, last_seen_ns: String(seenNs) };
}
