/**
 * Begins the chains of one start of the relay: a new one for each vantage, whose first record says
 * where the one before ended (LOG.md §2). What was damaged in the spool is said right behind it.
 */
import { randomBytes } from 'node:crypto';
import { PART_SALT_BYTES, type Vantage } from '@vitrine/schema';
import type { Custody } from '../custody/custody.ts';
import type { SpoolChain } from '../spool/chain.ts';
import type { Spool } from '../spool/spool.ts';
import { LiveChain } from './live.ts';
import { helloEvent, spoolGapEvent } from './own.ts';

export interface Start {
  session: string;
  boot: string;
  macKey: Buffer;
  vantages: Set<Vantage>;
  versions: Record<string, string>;
}

export interface Begun {
  chain: LiveChain;
  /** The chain of this session and vantage before. */
  previous: SpoolChain | undefined;
  /** Chains of this vantage that were in the spool. */
  old: SpoolChain[];
}

const SALTS_AT_ONCE = 256;

export function beginChains(spool: Spool, start: Start): Begun[] {
  const { session, boot, macKey, vantages } = start;
  const old = spool.chains;
  const salt = saltSource();
  return [...vantages].map((vantage) => {
    const previous = spool.lastOf(session, vantage);
    const stored = spool.begin(`${session}/${boot}.${vantage}`, vantage);
    const chain = new LiveChain({ stored, macKey, salt });
    return { chain, previous, old: old.filter((other) => other.vantage === vantage) };
  });
}

/** Durable when it resolves; rejects with SPOOL_UNWRITABLE. */
export async function greet(
  custody: Custody,
  begun: Begun[],
  { boot, versions }: Start,
  tornBytes: number,
): Promise<void> {
  const written = begun.flatMap(({ chain, previous, old }) => {
    const hello = { boot, versions, k0: chain.k0, previous, tornBytes };
    const greeting = custody.write(chain, (t) => helloEvent(t, hello));
    const gaps = old.flatMap((other) =>
      other.holes().map(({ from, to }) => {
        return custody.write(chain, (t) => spoolGapEvent(t, other.name, from, to));
      }),
    );
    return [greeting, ...gaps];
  });
  await Promise.all(written);
  // Nobody can pull what is not there any more; its segments need not be kept for it.
  for (const chain of begun.flatMap(({ old }) => old)) {
    if (chain.extents.length === 0) chain.acknowledge(chain.next - 1);
  }
}

/** Fresh random salts; asking the kernel for many at once costs a tenth. */
function saltSource(): () => Buffer {
  let pool = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at === pool.length) {
      pool = randomBytes(SALTS_AT_ONCE * PART_SALT_BYTES);
      at = 0;
    }
    at += PART_SALT_BYTES;
    return pool.subarray(at - PART_SALT_BYTES, at);
  };
}
