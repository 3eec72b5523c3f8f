/** Which sessions belong into a log (LOG.md §3): its origin ends in `<tenant>.<shard>.<shards>`. */
import type { Sha256 } from '../hash/rfc6962.ts';

const ORIGIN = /\/[0-9a-f]{8}\/[a-z0-9-]{1,63}\.(0|[1-9][0-9]{0,8})\.([1-9][0-9]{0,8})$/;
const encoder = new TextEncoder();

/** `false` also for an origin that names no shard. */
export function isOfShard(sha256: Sha256, session: string, origin: string): boolean {
  const [, shard, shards] = ORIGIN.exec(origin) ?? [];
  if (shard === undefined || shards === undefined) return false;
  const hash = sha256(encoder.encode(session));
  const number = new DataView(hash.buffer, hash.byteOffset, hash.byteLength).getUint32(0);
  return number % Number(shards) === Number(shard);
}
