/** LOG.md §5, step 6: the claim of a session. */

import { generateLogKey } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import type { BundleJson } from '../file.ts';
import { ForgedLog } from '../forge.ts';
import type { BundleRow, VerifyArgs } from '../row.ts';
import { asked, edited, golden, honest, lied } from './make.ts';
import { closed, closedSession, ended, joined, opened, openSession } from './story.ts';

const CLOSED = golden('session-closed');
const HALF = golden('session-half');
const ZEROS = Buffer.alloc(32).toString('base64');
/** Shard 1 of 2: s1 belongs into the other one. */
const SHARDS = [0, 1].map((i) => {
  return generateLogKey(`vitrine.test/0badcafe/default.${i}.2`, Buffer.alloc(32, 60 + i));
});

const JOINED = 'each other chain has exactly one `join` (1) with its first leaf hash (1)';
const THERE = 'each joined chain is there (3)';
const BEGINS = '`sup` is there and begins with `open` (3)';
const STORY = 'no second `open`, nothing after `close` (1)';
const ENDED =
  "at most one `end` for a join (1), equal to the chain's last `(seq, head)`: (3) if the chain " +
  'is shorter, (1) otherwise';
const CLOSE = '`close` only after an `end` for each join (1)';
const HEAD = 'without `close`, `head` where §4 demands it (3)';
const REQUIRE_CLOSED =
  'With `require-closed`: no `close`, its reason `idle`, or an `end` with `lost` (3).';
const REQUIRE_LOSSLESS =
  'With `require-lossless` (3): a `telemetry.drop`, `telemetry.gap`, `gap`, `conflict`, ' +
  '`broken`, a record with `broken: true`, an `end` with `lost`, or a first record whose ' +
  '`previous` names a `seq` beyond what that chain holds, or another hash.';

/** A session that is told by `tell`, which says something else when the owner lies. */
function told(
  id: string,
  text: string,
  code: 1 | 3,
  says: RegExp,
  tell: (log: ForgedLog, lies: boolean) => void,
  args: Partial<VerifyArgs> = {},
): BundleRow {
  return lied(id, text, [code, says], (log, lies) => {
    tell(log, lies);
    log.seal();
    return { bundle: log.session('s1'), args };
  });
}

/** A closed session, before the close of which `sup` says one thing more. */
function besides(
  id: string,
  text: string,
  says: RegExp,
  kind: string,
  target: (log: ForgedLog) => JsonObject,
) {
  return told(id, text, 1, says, (log, lies) => {
    opened(log);
    ended(log, 's1/b1');
    if (lies) log.add('s1/sup', kind, { target: target(log) });
    closed(log);
  });
}

function endOf(log: ForgedLog, change: JsonObject): void {
  const { seq, leaf } = log.last('s1/b1');
  const target = { chain: 's1/b1', seq, head: leaf.toString('base64'), ...change };
  log.add('s1/sup', 'end', { target, state: 'closed', reason: 'bye' });
}

export const SESSION_ROWS: BundleRow[] = [
  lied('5.6i', 'the shard rule holds (1)', [1, /^claim claim.*shard/], (_log, lies) => {
    const log = new ForgedLog(SHARDS[lies ? 1 - OWN_SHARD : OWN_SHARD]!);
    const bundle = closedSession(log);
    const trust = `${SHARDS.map(({ vkey }) => `log ${vkey}\n`).join('')}quorum none\n`;
    return { bundle, args: { trust } };
  }),
  lied('5.6j', 'only chains of S (1)', [1, /^claim chains\/2.*chains of s1/], (log, lies) => {
    opened(log);
    opened(log, 's2');
    log.seal();
    const bundle = log.session('s1');
    if (lies) bundle.chains.push(log.chain('s2/b1'));
    return bundle;
  }),
  edited('5.6k', BEGINS, [3, /^claim chains.*s1\/sup/], CLOSED, (b) => {
    b.chains.pop();
  }),
  told('5.6l', BEGINS, 3, /^claim .*open/, (log, lies) => {
    log.add('s1/sup', lies ? 'opened' : 'open');
    log.add('s1/b1', 'x');
    joined(log, 's1/b1');
  }),
  told('5.6m', STORY, 1, /^claim .*one open/, (log, lies) => {
    opened(log);
    if (lies) log.add('s1/sup', 'open');
  }),
  told('5.6n', STORY, 1, /^claim .*nothing after close/, (log, lies) => {
    opened(log);
    ended(log, 's1/b1');
    closed(log);
    if (lies) log.add('s1/sup', 'close', { reason: 'runtime' });
  }),
  told('5.6o', JOINED, 1, /^claim .*a join of s1\/b2/, (log, lies) => {
    opened(log);
    if (lies) log.add('s1/b2', 'x');
  }),
  besides('5.6o-twice', JOINED, /^claim .*one join/, 'join', (log) => {
    const { leaf } = log.records.get('s1/b1')![0]!;
    return { chain: 's1/b1', first: leaf.toString('base64') };
  }),
  besides('5.6o-foreign', JOINED, /^claim .*this session/, 'join', () => {
    return { chain: 's2/b1', first: ZEROS };
  }),
  told('5.6p', JOINED, 1, /^claim .*first record of s1\/b1/, (log, lies) => {
    log.add('s1/sup', 'open');
    const { leaf } = log.add('s1/b1', 'x');
    const first = lies ? ZEROS : leaf.toString('base64');
    log.add('s1/sup', 'join', { target: { chain: 's1/b1', first } });
  }),
  edited('5.6q', THERE, [3, /^claim .*which was joined/], CLOSED, (b) => {
    b.chains.shift();
  }),
  besides('5.6r', ENDED, /^claim .*one end/, 'end', (log) => {
    const { seq, leaf } = log.last('s1/b1');
    return { chain: 's1/b1', seq, head: leaf.toString('base64') };
  }),
  besides('5.6r-unjoined', ENDED, /^claim .*that was joined/, 'end', () => {
    return { chain: 's1/b2', seq: 0, head: ZEROS };
  }),
  told('5.6s', ENDED, 3, /^claim .*up to seq 9/, (log, lies) => {
    opened(log);
    endOf(log, lies ? { seq: 9 } : {});
    closed(log);
  }),
  told('5.6s-longer', ENDED, 1, /^claim .*end of s1\/b1/, (log, lies) => {
    opened(log);
    endOf(log, {});
    if (lies) log.add('s1/b1', 'x');
    closed(log);
  }),
  told('5.6s-head', ENDED, 1, /^claim .*end of s1\/b1/, (log, lies) => {
    opened(log);
    endOf(log, lies ? { head: ZEROS } : {});
    closed(log);
  }),
  told('5.6t', CLOSE, 1, /^claim .*an end of s1\/b1/, (log, lies) => {
    opened(log);
    if (!lies) ended(log, 's1/b1');
    closed(log);
  }),
  lied('5.6u', HEAD, [3, /^claim seal: expected heads/], (log, lies) => {
    opened(log);
    log.seal(lies ? { heads: null } : {});
    return log.session('s1');
  }),
  edited('5.6u-chain', HEAD, [3, /^claim .*head of s1\/b0+a2/], HALF, (b) => {
    delete b.chains[1]!.head;
  }),
  edited('5.6u-sup', HEAD, [3, /^claim .*head of s1\/sup/], HALF, (b) => {
    delete b.chains[2]!.head;
  }),
  lied(
    '5.6v',
    'All chains start at 0 (3).',
    [3, /^claim .*all records from seq 0/],
    (log, lies) => {
      const bundle = openSession(log);
      if (lies) cut(log, bundle, 0);
      return bundle;
    },
  ),
  lied(
    '5.6v-sup',
    'All chains start at 0 (3).',
    [3, /^claim .*open at the beginning/],
    (log, lies) => {
      const bundle = openSession(log);
      if (lies) cut(log, bundle, 1);
      return bundle;
    },
  ),
  asked('5.6w', REQUIRE_CLOSED, [3, /^claim .*a closed session/], honest(openSession), {
    requireClosed: true,
  }),
  told(
    '5.6w-idle',
    REQUIRE_CLOSED,
    3,
    /^claim .*idle/,
    (log, lies) => {
      opened(log);
      ended(log, 's1/b1');
      closed(log, 's1', lies ? 'idle' : 'runtime');
    },
    { requireClosed: true },
  ),
  told(
    '5.6w-lost',
    REQUIRE_CLOSED,
    3,
    /^claim .*s1\/b1 was lost/,
    (log, lies) => {
      opened(log);
      ended(log, 's1/b1', lies ? 'lost' : 'closed');
      closed(log);
    },
    { requireClosed: true },
  ),
  ...['telemetry.drop', 'telemetry.gap'].map((kind) =>
    lossy(kind, (log) => {
      log.add('s1/b1', kind, { count: 3 });
    }),
  ),
  ...['gap', 'conflict', 'broken'].map((kind) =>
    lossy(kind, (log) => {
      log.add('s1/sup', kind, { target: { chain: 's1/b1', seq: 9 } });
    }),
  ),
  lossy('record', (log) => {
    log.add('s1/in', 'x', { broken: true });
    joined(log, 's1/in');
  }),
  lossy('end', (log) => ended(log, 's1/b1', 'lost')),
  lossy('previous', (log) => {
    restarted(log, { seq: 9, head: ZEROS });
  }),
  lossy('previous-hash', (log) => {
    restarted(log, { seq: log.last('s1/b1').seq, head: ZEROS });
  }),
];

/** s1 is in shard 0 of 2 (LOG.md §3: the first 4 bytes of its hash, modulo 2). */
const OWN_SHARD = 0;

/** The first record of a chain is left out, and the chain says so. */
function cut(log: ForgedLog, bundle: BundleJson, at: number): void {
  const { chain } = bundle.chains[at]!;
  const head = log.head(chain)!;
  bundle.chains[at] = { ...log.chain(chain, 1), head };
}

function lossy(what: string, lose: (log: ForgedLog) => void): BundleRow {
  const id = `5.6x-${what.replace('.', '-')}`;
  return told(
    id,
    REQUIRE_LOSSLESS,
    3,
    /^claim .*no loss/,
    (log, lies) => {
      opened(log);
      if (lies) lose(log);
    },
    { requireLossless: true },
  );
}

/** The relay began a new chain, and says where it left the old one. */
function restarted(log: ForgedLog, previous: JsonObject): void {
  log.add('s1/b2', 'x', { previous: { chain: 's1/b1', ...previous } });
  joined(log, 's1/b2');
}
