/** Attacks on the files of the log: copies of an earlier day, and a second writer. */
import { appendFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { SystemRow } from '../row.ts';
import type { Site } from './site.ts';
import { recordedSite, SESSION, soundStart } from './sites.ts';

const OF_LIST = { source: 'attack list', status: 'runs', on: 'log directory' } as const;
const NODE = { ...OF_LIST, where: ['node'] } as const;
/** The refusal of a start, and the exit code of the process. */
const REFUSED = { ...NODE, code: 1 };
const LOG = 'default.0.1';
/** More batches than the log directory keeps for a redo. */
const BATCHES = 3;

async function grow(site: Site, name: string, batches = BATCHES): Promise<void> {
  const session = `${name}-session`;
  for (let seq = 0; seq < batches; seq++) {
    await site.push({ session, count: 1, name: `${name} ${seq}` });
    await site.sealed(session, seq);
  }
}

/** What the auditor hears of his pin before and after the machine is put back, and `then`. */
function rolledBack(then: (site: Site) => Promise<void>, grown: boolean): SystemRow['run'] {
  return async (t: TestContext) => {
    const site = await recordedSite(t);
    const earlier = join(site.kept, 'earlier');
    cpSync(site.data, earlier, { recursive: true });
    await site.start();
    await grow(site, 'deleted');
    const pin = await site.pin('pin');
    const sound = await site.auditSince(pin, SESSION);
    await site.stop();
    site.restore(earlier, 'store', 'log', 'journal');
    await site.start();
    await then(site);
    // A log that is smaller than the pin has no proof to give: the auditor asks without.
    const attacked = await (grown
      ? site.auditSince(pin, SESSION)
      : site.audit(SESSION, '--pin', pin));
    return { sound, attacked };
  };
}

/** What the collector says at its start when something is put back. */
function putBack(...names: string[]): SystemRow['run'] {
  return async (t: TestContext) => {
    const site = await recordedSite(t);
    const earlier = join(site.kept, 'earlier');
    cpSync(site.data, earlier, { recursive: true });
    await site.start();
    await grow(site, 'later');
    await site.stop();
    site.restore(earlier, ...names);
    return { sound: await soundStart(t), attacked: await site.launch() };
  };
}

/** The same, where `attack` does something to the files of the log. */
function damaged(attack: (dir: string) => void): SystemRow['run'] {
  return async (t: TestContext) => {
    const site = await recordedSite(t);
    const sound = await soundStart(t);
    attack(join(site.data, 'log', LOG));
    return { sound, attacked: await site.launch() };
  };
}

const newest = (dir: string): string => join(dir, readdirSync(dir).sort().at(-1)!);

export const DIRECTORY_ROWS: SystemRow[] = [
  {
    ...NODE,
    id: '34-machine',
    text: 'the whole machine is put back to an earlier day: its tree is smaller than the pin',
    code: 4,
    says: /^UNTRUSTED \(4\)\n.*pin.*\n.*at least \d+ leaves/,
    run: rolledBack(async () => {}, false),
  },
  {
    ...NODE,
    id: '34-signed',
    text: 'the machine is put back, and other records are signed over the place of the pin',
    code: 1,
    says: /^TAMPERED \(1\)\n.*pin.*\n.*a proof that the log only grew/,
    run: rolledBack((site) => grow(site, 'forged', 2 * BATCHES), true),
  },
  {
    ...REFUSED,
    id: '34-notes',
    text: 'the log directory alone is put back: the store is ahead of the newest note',
    says: /^error LOG_AHEAD: /m,
    run: putBack('log'),
  },
  {
    ...REFUSED,
    id: '42-replica',
    text: 'ClickHouse: the store alone is put back to an earlier backup',
    says: /^error (ROWS_MISSING|LOG_EDGE_MISMATCH): /m,
    run: putBack('store'),
  },
  {
    ...REFUSED,
    id: '33-note',
    text: 'the newest note is replaced by one of another tree, without the key',
    says: /^error LOG_KEY_MISMATCH: /m,
    run: damaged((dir) => {
      const note = newest(join(dir, 'note'));
      const forged = Buffer.alloc(32, 1).toString('base64');
      const lines = readFileSync(note, 'utf8').split('\n');
      writeFileSync(note, [lines[0], lines[1], forged, ...lines.slice(3)].join('\n'));
    }),
  },
  {
    ...REFUSED,
    id: '51-blob',
    text: 'a batch that waits to be redone is changed',
    says: /^error INTENT_CORRUPT: /m,
    run: damaged((dir) => {
      for (const name of readdirSync(join(dir, 'blob')))
        appendFileSync(join(dir, 'blob', name), ' ');
    }),
  },
];
