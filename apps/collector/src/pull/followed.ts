/**
 * A chain of a relay as its puller follows it: how its name is read, from which key its MACs start,
 * how far it is believed.
 */
import { ZERO_HASH } from '@vitrine/chain';
import { isVantage, lowerVantage, type Vantage } from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import type { ChainTip } from './page.ts';
import { Ratchet } from './ratchet.ts';
import type { RelayAddress } from './registration.ts';

export interface Followed {
  tip: ChainTip;
  ratchet: Ratchet;
  vantage: Vantage;
  /** `broken`: still pulled and kept, but no longer believed. */
  state: 'open' | 'broken' | 'ended';
  /** Its last page did not link, and nothing that does has come since. */
  isDoubted: boolean;
}

/** `<boot>.<vantage>` behind the session; pull.md. */
const CHAIN_FORM = /^([0-9a-f]{16})\.([a-z]+)$/;

/** From its very first record. Throws RELAY_INVALID for a name that no relay of the session has. */
export function followedFrom(session: string, chain: string, relay: RelayAddress): Followed {
  const vantage = CHAIN_FORM.exec(chain.slice(session.length + 1))?.[2];
  if (!chain.startsWith(`${session}/`) || !isVantage(vantage)) {
    throw new CollectorError('RELAY_INVALID', `the relay offers a chain named ${chain}`);
  }
  return {
    tip: { seq: -1, head: ZERO_HASH },
    ratchet: new Ratchet(Buffer.from(relay.macKey, 'hex'), chain),
    vantage: lowerVantage(vantage, relay.standing),
    state: 'open',
    isDoubted: false,
  };
}
