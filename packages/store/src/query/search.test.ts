/** A search over all sessions finds with the words what it finds without them, and reads less. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WORD_BLOCK_LEAVES, WORD_CHARS_MAX, WORD_SESSION_WORDS_MAX } from '@vitrine/schema';
import { textNode } from '@vitrine/schema/query';
import { FsckRig } from '../fixture/fsck.ts';
import { migrate } from '../migrate.ts';
import type { EventFilter } from '../row.ts';
import { search } from './search.ts';
import { type Place, placesOf, takeWords, wordsKnown } from './words.ts';

const LOG = 'default.0.1';
const BLOCKS = 3;
const ROWS = BLOCKS * WORD_BLOCK_LEAVES + 1_000;
const HASH = Buffer.alloc(32, 0x5a).toString('base64');
let rig: FsckRig;

/** `record` is an SQL expression of `number`, the leaf's index. */
async function insertRows(first: number, end: number, record: string, log = LOG): Promise<void> {
  await rig.admin.command(
    `INSERT INTO records (tenant, log, idx, session, shim, seq, kind, record)
     SELECT 'default', {log:String}, number, concat('s', toString(number % 11)), 'b0.host', number,
       'other', ${record}
     FROM numbers({first:UInt64}, {count:UInt64})`,
    { log, first, count: end - first },
  );
}

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-search-')));
  const rare = "if(number % 20011 = 7, 'Ünder wget --Rare https://x.example/a_b', 'ls')";
  const number = "leftPad(toString(number), 7, '0')";
  const text = `concat('{"argv":"', ${rare}, '\\\\n', 'next","id":"use-', ${number},
    '","prev":"${HASH}","x":"', repeat('z', 70), toString(number), '"}')`;
  await insertRows(0, ROWS, text);
});
after(() => rig.stop());

const TEXTS = [
  'use-0000123',
  'se-000012',
  '0020018',
  'WGET --rare',
  'get --rar',
  'x.example/a_b',
  'ample/',
  '","id":"use-00163',
  'nnext',
  '\\nnext","id":"use-0016384',
  'Ünder wget',
  'ünder',
  'nobody said this',
  'wget ls',
  '"',
  '://',
  `${'z'.repeat(WORD_CHARS_MAX)}zz`,
  `"prev":"`,
  HASH,
  `"prev":"${HASH}","x"`,
];

/** Each text is looked for in one order, half of them in the other. */
function orderOf(text: string): 'asc' | 'desc' {
  return TEXTS.indexOf(text) % 2 === 0 ? 'desc' : 'asc';
}

/** All pages, as indices. */
async function found(filter: Partial<EventFilter>, seconds?: number): Promise<number[]> {
  const all: number[] = [];
  let after: number | undefined;
  const limit = 20;
  for (let pages = 0; pages < 400; pages++) {
    const place = after === undefined ? {} : { after };
    const asked = { log: LOG, size: ROWS, order: 'desc', limit, ...place, ...filter } as const;
    const { rows, stopped } = await search(rig.admin, asked, seconds);
    all.push(...rows.map(({ idx }) => idx));
    if (stopped === undefined && (rows.length < limit || all.length >= 2 * limit)) return all;
    after = stopped ?? rows.at(-1)!.idx;
  }
  assert.fail('a search goes on for ever');
}

describe('a search over all sessions', () => {
  const before = new Map<string, number[]>();

  it('finds the newest first, or the oldest, by the records alone', async () => {
    for (const text of TEXTS)
      before.set(text, await found({ query: textNode(text), order: orderOf(text) }));
    assert.deepEqual(before.get('0020018'), [20_018]);
    assert.equal(before.get('use-0000123')?.length, 1);
    assert.deepEqual(before.get('WGET --rare'), [7, 20_018, 40_029]);
    assert.equal(before.get('nobody said this')?.length, 0);
    assert.equal(before.get(HASH)?.length, 40);
  });

  it('finds the same by the words', async () => {
    assert.equal(await wordsKnown(rig.admin, LOG), 0);
    await takeWords(rig.admin, LOG, 0, 2 * WORD_BLOCK_LEAVES);
    await takeWords(rig.admin, LOG, 2 * WORD_BLOCK_LEAVES, BLOCKS * WORD_BLOCK_LEAVES);
    assert.equal(await wordsKnown(rig.admin, LOG), BLOCKS * WORD_BLOCK_LEAVES);
    for (const text of TEXTS) {
      assert.deepEqual(
        await found({ query: textNode(text), order: orderOf(text) }),
        before.get(text),
        text,
      );
    }
  });

  it('looks only into blocks that have its words', async () => {
    const places = (text: string): Promise<Place[] | undefined> =>
      placesOf(rig.admin, { log: LOG, texts: [text], first: 0, end: ROWS }, 5);
    const blocks = async (text: string): Promise<number[] | undefined> =>
      (await places(text))?.map(({ block }) => block);
    assert.deepEqual(await places('se-0020018'), [{ block: 1, sessions: ['s9'] }]);
    assert.deepEqual(await blocks('se-0020018'), [1]);
    assert.deepEqual(await blocks('get --rare'), [0, 1, 2]);
    assert.deepEqual(await blocks('nobody said this'), []);
    assert.deepEqual(await blocks('s 0020018'), [1]);
    for (const text of ['', '"', 'ünder', HASH]) assert.equal(await blocks(text), undefined, text);
  });

  it('does not know parts of hashes', async () => {
    assert.deepEqual(
      await found({ query: textNode(HASH.slice(3, 30)), size: WORD_BLOCK_LEAVES * BLOCKS }),
      [],
    );
  });

  it('says where it stopped when its time was over, and goes on there', async () => {
    for (const order of ['asc', 'desc'] as const) {
      const filter = { log: LOG, size: ROWS, order, limit: 40, query: textNode('://') };
      const { stopped } = await search(rig.admin, filter, 0);
      assert.equal(stopped, order === 'asc' ? WORD_BLOCK_LEAVES - 1 : ROWS - 1_000);
      assert.deepEqual(await found(filter, 0), await found(filter));
    }
  });
});

describe('a search in one session', () => {
  it('is asked as one, and says where it stopped when that takes too long', async () => {
    const filter = { log: LOG, size: ROWS, order: 'desc', limit: 40, session: 's7' } as const;
    const query = textNode('WGET --rare');
    const whole = await search(rig.admin, { ...filter, query });
    assert.deepEqual([whole.rows.map(({ idx }) => idx), whole.stopped], [[7], undefined]);
    const { rows, stopped } = await search(rig.admin, { ...filter, query }, 0);
    assert.deepEqual([rows, stopped], [[], ROWS - 1_000]);
    assert.deepEqual(await found({ session: 's7', query, limit: 40 }, 0), [7]);
  });
});

describe('a page of records', () => {
  it('is full though rows stand twice', async () => {
    const log = 'default.1.2';
    for (let copy = 0; copy < 2; copy++) await insertRows(0, 100, "'{}'", log);
    const asked = { log, size: 100, session: 's3', limit: 6 };
    const up = await rig.store.events({ ...asked, order: 'asc' });
    const down = await rig.store.events({ ...asked, order: 'desc', after: 80 });
    const indices = (rows: { idx: number }[]): number[] => rows.map(({ idx }) => idx);
    assert.deepEqual(indices(up), [3, 14, 25, 36, 47, 58]);
    assert.deepEqual(indices(down), [69, 58, 47, 36, 25, 14]);
    assert.equal((await rig.store.events({ ...asked, limit: 50, order: 'asc' })).length, 9);
  });
});

describe('the words of a session in a block', () => {
  it('are given up where they are noise: every search reads it', async () => {
    for (const [log, words, any] of [
      ['few.0.1', WORD_SESSION_WORDS_MAX - 1, false],
      ['noise.0.1', WORD_SESSION_WORDS_MAX, true],
    ] as const) {
      const tenant = log.split('.')[0];
      await rig.admin.command(
        `INSERT INTO records (tenant, log, idx, session, record) SELECT {tenant:String},
           {log:String}, 0, 's', arrayStringConcat(range({words:UInt64}), ' ')`,
        { tenant, log, words },
      );
      await takeWords(rig.admin, log, 0, WORD_BLOCK_LEAVES);
      const asked = { log, texts: ['nothing of this'], first: 0, end: 1 };
      assert.deepEqual(
        await placesOf(rig.admin, asked, 5),
        any ? [{ block: 0, sessions: ['s'] }] : [],
      );
    }
  });

  it('are given up where they are too much for the engine', async () => {
    const log = 'default.2.3';
    const noise = "arrayStringConcat(range(number * 200, number * 200 + 200), ' ')";
    await insertRows(0, WORD_BLOCK_LEAVES, noise, log);
    await insertRows(WORD_BLOCK_LEAVES, 2 * WORD_BLOCK_LEAVES, "'quiet'", log);
    await takeWords(rig.admin, log, 0, 2 * WORD_BLOCK_LEAVES, 80_000_000);
    assert.equal(await wordsKnown(rig.admin, log), 2 * WORD_BLOCK_LEAVES);
    const asked = { log, texts: ['nothing of this'], first: 0, end: 2 * WORD_BLOCK_LEAVES };
    const [place, ...more] = (await placesOf(rig.admin, asked, 5))!;
    assert.deepEqual([place?.block, place?.sessions.length, more.length], [0, 11, 0]);
  });

  it('come to a store that was made before them', async () => {
    await rig.admin.command('DROP TABLE words SYNC');
    const forget = "ALTER TABLE migrations DELETE WHERE name = '0003-words.sql'";
    await rig.admin.command(forget, {}, { mutations_sync: '2' });
    const said: string[] = [];
    await migrate(rig.admin, (line) => said.push(line));
    assert.deepEqual(said, ['store: applied migration 0003-words.sql']);
    await takeWords(rig.admin, LOG, 0, WORD_BLOCK_LEAVES * 2);
    assert.deepEqual(await found({ query: textNode('use-0020018') }), [20_018]);
  });
});
