/** Attacks by repetition: the same request, the same page, and another record in a place taken. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Entry } from '../../../apps/collector/src/queue/entry.ts';
import type { Answer, SystemRow } from '../row.ts';
import { freshSite } from './sites.ts';

const OF_LIST = { source: 'attack list', status: 'runs', on: 'api', where: ['node'] } as const;

/** A session whose last page came twice; the second time as `again` makes it. */
async function entries(session: string, again: 'absent' | 'same' | 'other'): Promise<Entry[]> {
  const { AT_NS, openEntry, RelayChain } = await import(
    '../../../apps/collector/src/fixture/log.ts'
  );
  const chain = new RelayChain(session);
  const first = chain.page(chain.next('telemetry.hello'), chain.next('file.read'));
  const { seq, head } = chain;
  const last = chain.page(chain.next('file.read', { file: { path: '/true' } }));
  const twin = new RelayChain(session);
  Object.assign(twin, { seq, head });
  const forged = twin.page(twin.next('file.read', { file: { path: '/forged' } }));
  const observed = String(AT_NS);
  const end = { kind: 'end', session, chain: chain.chain, state: 'closed', reason: 'bye' } as const;
  return [
    openEntry(session),
    first,
    last,
    ...(again === 'absent' ? [] : [again === 'same' ? last : forged]),
    { ...end, observed },
    { kind: 'close', session, reason: 'runtime', observed },
  ];
}

/** Pages that are in the queue when the collector starts. */
function queued(again: 'same' | 'other'): SystemRow['run'] {
  return async (t: TestContext) => {
    const site = await freshSite(t);
    await site.enqueue([
      ...(await entries('honest', 'absent')),
      ...(await entries('again', again)),
    ]);
    await site.start();
    await site.sealed('again', 2, 'sup');
    const ask = (session: string): Promise<Answer> => site.audit(session, '--require-lossless');
    return { sound: await ask('honest'), attacked: await ask('again') };
  };
}

export const QUEUE_ROWS: SystemRow[] = [
  {
    ...OF_LIST,
    id: '46',
    text: 'the queue has a page twice, the second time with other bytes at the same (chain, seq)',
    code: 3,
    says: /^INCOMPLETE \(3\)[\s\S]*conflict, another record came/,
    run: queued('other'),
  },
  {
    ...OF_LIST,
    id: '47-page',
    text: 'the queue has a page twice, the same bytes: dropped',
    code: 0,
    says: /^PROVEN \(0\)[\s\S]*\.agent \(3\)/,
    run: queued('same'),
  },
  {
    ...OF_LIST,
    id: '47',
    text: 'a client repeats a batch whose answer it has not heard: taken once',
    code: 0,
    says: /^PROVEN \(0\)[\s\S]*in \(5\)/,
    async run(t) {
      const site = await freshSite(t);
      await site.start();
      const batch = (session: string) => ({ session, count: 5, t: 1_700_000_000_000_000_000n });
      assert.equal(await site.push(batch('once')), 200);
      assert.equal(await site.push(batch('twice')), 200);
      assert.equal(await site.push(batch('twice')), 200);
      await site.push({ session: 'after', count: 1 });
      await site.sealed('after', 0);
      return { sound: await site.audit('once'), attacked: await site.audit('twice') };
    },
  },
];
