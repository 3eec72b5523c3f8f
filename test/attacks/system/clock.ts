/** Attacks on clocks: the collector's, and those of who sends. */
import type { SystemRow } from '../row.ts';
import { freshSite } from './sites.ts';

const OF_LIST = { source: 'attack list', status: 'runs', on: 'clock' } as const;
/** More than clocks differ, and less than a session may be silent: it must not end by it. */
const AHEAD_NS = 1_200_000_000_000n;
const CLOCK_RECORDS = '/v1/events?kind=clock';

export const CLOCK_ROWS: SystemRow[] = [
  {
    ...OF_LIST,
    id: '21-ahead',
    text: "the collector's clock is set forward: its seals come from the future",
    where: ['node'],
    code: 4,
    says: /^UNTRUSTED \(4\)\n.*seal\n.*a seal of the past/,
    async run(t) {
      const site = await freshSite(t);
      await site.start();
      await site.push({ session: 's', count: 1 });
      await site.sealed('s', 0);
      const sound = await site.audit('s');
      site.aheadNs = AHEAD_NS;
      await site.push({ session: 's', count: 1, name: 'later' });
      await site.sealed('s', 1);
      return { sound, attacked: await site.audit('s') };
    },
  },
  {
    ...OF_LIST,
    id: '21-back',
    text: "the collector's clock is set back: seals go on in their order, and the log says so",
    where: ['api'],
    code: 200,
    says: /"kind":"clock"/,
    async run(t) {
      const site = await freshSite(t);
      site.aheadNs = AHEAD_NS;
      await site.start();
      const asked = async () => {
        const { status: code, text } = await site.ask('GET', CLOCK_RECORDS);
        return { code, text };
      };
      await site.push({ session: 's', count: 1 });
      await site.sealed('s', 0);
      const sound = await asked();
      site.aheadNs = 0n;
      await site.push({ session: 's', count: 1, name: 'later' });
      await site.sealed('s', 1);
      return { sound, attacked: await asked() };
    },
  },
  {
    ...OF_LIST,
    id: '22-ingest',
    text: "a sender's clock runs backwards: its events keep their order, which is that of seq",
    where: ['node'],
    code: 0,
    says: /^PROVEN \(0\)[\s\S]*in \(20\)/,
    async run(t) {
      const site = await freshSite(t);
      await site.start();
      await site.push({ session: 'steady', count: 20 });
      await site.push({ session: 'back', count: 20, direction: -1n });
      await site.sealed('back', 19);
      return { sound: await site.audit('steady'), attacked: await site.audit('back') };
    },
  },
];
