/** Attacks between a shim and the log: by who sits at the relay, and by who repeats himself. */
import type { TestContext } from 'node:test';
import type { FakeRelay, MadeRecord } from '../../acceptance/path/fake-relay.ts';
import type { Answer, SystemRow } from '../row.ts';
import type { Site } from './site.ts';
import { freshSite } from './sites.ts';

const OF_LIST = { source: 'attack list', status: 'runs', on: 'api', where: ['node'] } as const;
const LOST = { ...OF_LIST, code: 3 };

/** Two sessions in front of one collector, of which the second is attacked. */
function beside(
  session: (t: TestContext, site: Site, attacked: boolean) => Promise<Answer>,
): SystemRow['run'] {
  return async (t) => {
    const site = await freshSite(t);
    await site.start();
    const sound = await session(t, site, false);
    return { sound, attacked: await session(t, site, true) };
  };
}

/** A sandbox with a relay that lies in its records. */
function lies(lie: (relay: FakeRelay) => void): SystemRow['run'] {
  return async (t) => {
    const { lying } = await import('./sandbox.ts');
    const site = await freshSite(t);
    await site.start();
    honest ??= lying(t, site, 'honest', () => {});
    return { sound: await honest, attacked: await lying(t, site, 'lied', lie) };
  };
}

let honest: Promise<Answer> | undefined;

/** The same place in the chain with another path in it: canonical, linked, and not the same. */
function other({ kind, bytes, mac }: MadeRecord): MadeRecord {
  const text = bytes.toString('utf8').replace('/read/', '/other/');
  return { kind, bytes: Buffer.from(text), mac };
}

export const INGEST_ROWS: SystemRow[] = [
  {
    ...LOST,
    id: '44',
    text: 'an event is stolen from the buffer of a shim before it is sent',
    says: /^INCOMPLETE \(3\)[\s\S]*telemetry\.gap, shim_sequence/,
    run: beside(async (t, site, attacked) => {
      const { Sandbox } = await import('./sandbox.ts');
      const sandbox = await Sandbox.begin(t, site, attacked ? 'robbed' : 'whole');
      await sandbox.send('/a', 0);
      if (!attacked) await sandbox.send('/b', 1);
      await sandbox.send('/c', 2);
      return sandbox.end();
    }),
  },
  {
    ...LOST,
    id: '45',
    text: 'a relay is killed, its spool is taken away, and it begins again with seq 0',
    says: /^INCOMPLETE \(3\)[\s\S]*\.agent was lost/,
    run: beside(async (t, site, attacked) => {
      const { Sandbox } = await import('./sandbox.ts');
      const sandbox = await Sandbox.begin(t, site, attacked ? 'robbed' : 'whole');
      await sandbox.send('/a', 0);
      await sandbox.pulled(3);
      await sandbox.restart(attacked ? 'stolen' : 'kept');
      await sandbox.send('/b', attacked ? 0 : 1);
      return sandbox.end();
    }),
  },
  {
    ...LOST,
    id: '45-genesis',
    text: 'a relay offers a second first record of a chain that is alive',
    says: /^INCOMPLETE \(3\)[\s\S]*broken, .*expected seq 6, found seq 0/,
    run: lies((relay) => relay.records.push(other(relay.records[0]!))),
  },
  {
    ...LOST,
    id: '46-pull',
    text: 'a relay offers another record at a seq that was pulled',
    says: /^INCOMPLETE \(3\)[\s\S]*broken, .*expected seq 6, found seq 3/,
    run: lies((relay) => relay.records.push(other(relay.records[3]!))),
  },
  {
    ...LOST,
    id: '48',
    text: 'a relay leaves out a record: a gap at ingest',
    says: /^INCOMPLETE \(3\)[\s\S]*broken, .*expected seq 3, found seq 4/,
    run: lies((relay) => relay.records.splice(3, 1)),
  },
  {
    ...LOST,
    id: '13-ingest',
    text: 'a relay offers two records in the other order',
    says: /^INCOMPLETE \(3\)[\s\S]*broken, .*expected seq 3, found seq 4/,
    run: lies((relay) => relay.records.splice(3, 2, relay.records[4]!, relay.records[3]!)),
  },
];
