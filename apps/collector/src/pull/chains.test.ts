import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RELAY_CHAINS_MAX } from '@vitrine/schema';
import { FollowedChains, type KnownChain } from './chains.ts';

const relay = { socket: '/none', standing: 'guest', macKey: '00'.repeat(32) } as const;
const nameOf = (i: number): string => `s1/${i.toString(16).padStart(16, '0')}.agent`;

/** A relay that began anew so often; the log has what `inLog` holds. */
function restarted(times: number) {
  const inLog = new Map<string, KnownChain>();
  const lookUp = (chain: string) => inLog.get(chain);
  const chains = new FollowedChains({ session: 's1', relay, known: [], lookUp });
  for (let i = 0; i < times; i++) chains.follow(nameOf(i)).tip.seq = 10 + i;
  const end = (i: number): void => {
    const chain = nameOf(i);
    const { tip } = chains.get(chain)!;
    chains.get(chain)!.state = 'ended';
    inLog.set(chain, { chain, tip: { ...tip }, ended: true });
  };
  return { chains, end };
}

describe('chains of a relay that began anew again and again', () => {
  it('are followed beyond the bound, as far as the log has ended those before', () => {
    const { chains, end } = restarted(RELAY_CHAINS_MAX);
    assert.throws(() => chains.follow(nameOf(RELAY_CHAINS_MAX)), { code: 'RELAY_INVALID' });
    for (let i = 0; i < 3; i++) end(i);
    for (let i = 0; i < 3; i++) chains.follow(nameOf(RELAY_CHAINS_MAX + i));
    assert.equal(chains.all.length, RELAY_CHAINS_MAX);
    assert.throws(() => chains.follow(nameOf(RELAY_CHAINS_MAX + 3)), { code: 'RELAY_INVALID' });
  });

  it('are not believed again when they were forgotten and are offered once more', () => {
    const { chains, end } = restarted(RELAY_CHAINS_MAX);
    end(0);
    end(1);
    chains.follow(nameOf(RELAY_CHAINS_MAX));
    assert.equal(chains.get(nameOf(0)), undefined);
    assert.equal(chains.seqOf(nameOf(0)), 10);
    const again = chains.follow(nameOf(0));
    assert.deepEqual([again.state, again.tip.seq], ['broken', 10]);
    assert.equal(Object.hasOwn(chains.after, nameOf(0)), false);
  });

  it('are kept while only the relay says that they have ended', () => {
    const { chains } = restarted(RELAY_CHAINS_MAX);
    chains.get(nameOf(0))!.state = 'ended';
    assert.throws(() => chains.follow(nameOf(RELAY_CHAINS_MAX)), { code: 'RELAY_INVALID' });
  });
});
