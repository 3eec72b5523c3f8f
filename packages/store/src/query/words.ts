/**
 * The words of the records, by block of leaves (migrations/0003-words.sql): narrows a search to the
 * blocks that can have its text. What it does not know, and so no search over all sessions finds:
 * parts of hashes that stand alone, and what lies deep in a word of a blob.
 */
import { ClickHouseError } from '@clickhouse/client';
import {
  QUERY_MEMORY_BYTES_MAX,
  WORD_BLOCK_LEAVES,
  WORD_CHARS_MAX,
  WORD_SESSION_WORDS_MAX,
} from '@vitrine/schema';
import { type Connection, ONE_BLOCK } from '../client/connection.ts';
import { StoreError } from '../error.ts';
import { tenantOf } from './columns.ts';

/** SHA-256 in base64, as members of a record have it; a text like it is looked for by a scan. */
const HASH = '[A-Za-z0-9+/]{43}=';
const WORDS =
  `arrayMap(word -> substring(word, 1, ${WORD_CHARS_MAX}), ` +
  `tokens(lower(replaceRegexpAll(record, '"${HASH}"', ' '))))`;
/** Rows of a block beside its words; neither can be one. */
const DONE = "''";
const ANY = "'*'";
/** More of a block's sessions are not named: reading them all is as cheap. */
const SESSIONS_MAX = 50;
const MEMORY_LIMIT_EXCEEDED = '241';

/** Leaves whose words are known: whole blocks from the first leaf on. */
export async function wordsKnown(connection: Connection, log: string): Promise<number> {
  const [row] = await connection.rows<{ blocks: string }>(
    `SELECT uniqExact(block) AS blocks FROM words WHERE log = {log:String} AND word = ${DONE}`,
    { log },
  );
  return Number(row!.blocks) * WORD_BLOCK_LEAVES;
}

/**
 * Takes the words of the blocks of [first, end). One insert for all: they are known, or are not. A
 * block that is too large for the engine is known as one that may have any.
 */
export async function takeWords(
  connection: Connection,
  log: string,
  first: number,
  end: number,
  memoryBytes = QUERY_MEMORY_BYTES_MAX,
): Promise<void> {
  try {
    await insertWords(connection, log, first, end, WORDS, memoryBytes);
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    const blocks = Math.ceil((end - first) / WORD_BLOCK_LEAVES);
    if (blocks === 1) return insertWords(connection, log, first, end, `[${ANY}]`, memoryBytes);
    const middle = first + Math.floor(blocks / 2) * WORD_BLOCK_LEAVES;
    await takeWords(connection, log, first, middle, memoryBytes);
    await takeWords(connection, log, middle, end, memoryBytes);
  }
}

/** `words` is an SQL expression of a row's words. */
async function insertWords(
  connection: Connection,
  log: string,
  first: number,
  end: number,
  words: string,
  memoryBytes: number,
): Promise<void> {
  const range =
    'tenant = {tenant:String} AND log = {log:String} ' +
    'AND idx >= {first:UInt64} AND idx < {end:UInt64}';
  await connection.command(
    `INSERT INTO words
     SELECT {log:String}, arrayJoin(if(length(found) < ${WORD_SESSION_WORDS_MAX}, found, [${ANY}])),
       block, session
     FROM (
       SELECT intDiv(idx, ${WORD_BLOCK_LEAVES}) AS block, session,
         groupUniqArrayArray(${WORD_SESSION_WORDS_MAX})(${words}) AS found
       FROM records WHERE ${range} GROUP BY block, session)
     UNION ALL
     SELECT {log:String}, ${DONE}, toUInt32(number), ''
     FROM numbers({from:UInt64}, {count:UInt64})`,
    {
      tenant: tenantOf(log),
      log,
      first,
      end,
      from: Math.floor(first / WORD_BLOCK_LEAVES),
      count: Math.ceil((end - first) / WORD_BLOCK_LEAVES),
    },
    {
      ...ONE_BLOCK,
      max_threads: 1,
      max_memory_usage: String(memoryBytes),
      min_table_rows_to_use_projection_index: '0',
    },
  );
}

function isTooLarge(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : undefined;
  return cause instanceof ClickHouseError && cause.code === MEMORY_LIMIT_EXCEEDED;
}

/** Leaves from `first` to before `end`. */
export interface LeafSpan {
  first: number;
  end: number;
}

/** A block that can have a text, and in which sessions. */
export interface Place {
  block: number;
  /** Empty where they are too many to name. */
  sessions: string[];
}

/**
 * Blocks of [first, end) that can have a record with all `texts` in it, in order; `undefined` where
 * they have nothing to look for among words.
 */
export async function placesOf(
  connection: Connection,
  { log, texts, first, end }: { log: string; texts: readonly string[] } & LeafSpan,
  secondsMax: number,
): Promise<Place[] | undefined> {
  const terms = termsOf(texts);
  if (terms.length === 0) return undefined;
  const params: Record<string, unknown> = {
    log,
    first: Math.floor(first / WORD_BLOCK_LEAVES),
    end: Math.ceil(end / WORD_BLOCK_LEAVES),
  };
  const asked = terms.map(({ sql, word }, n) => {
    params[`w${n}`] = word;
    return `SELECT DISTINCT block, session, ${n} AS term FROM words
      WHERE log = {log:String} AND block >= {first:UInt32} AND block < {end:UInt32}
        AND (word = ${ANY} OR ${sql.replaceAll('?', `{w${n}:String}`)})`;
  });
  const rows = await connection.rows<Place>(
    `SELECT block, groupArray(${SESSIONS_MAX + 1})(session) AS sessions FROM (
       SELECT block, session FROM (${asked.join(' UNION ALL ')})
       GROUP BY block, session HAVING count() = ${terms.length})
     GROUP BY block ORDER BY block`,
    params,
    { max_execution_time: secondsMax },
  );
  return rows.map(({ block, sessions }) => {
    return { block, sessions: sessions.length > SESSIONS_MAX ? [] : sessions };
  });
}

interface Term {
  /** A condition on `word`, with `?` for ours. */
  sql: string;
  word: string;
}

const WHOLE = 'word = ?';
const BEGINS = 'startsWith(word, ?)';
/** Asks each word of the log, by the projection `by_word`; the others go by the table's order. */
const INSIDE =
  'word IN (SELECT word FROM words WHERE log = {log:String} AND position(word, ?) > 0 ' +
  'GROUP BY log, word)';
const TERMS_MAX = 8;

/** What must be among the words of a block: the longest that the table's order finds, if any. */
export function termsOf(texts: readonly string[]): Term[] {
  const terms = texts.flatMap(termsOfText);
  const quick = terms.filter(({ sql }) => sql !== INSIDE);
  const wanted = quick.some(({ word }) => word.length > 1) ? quick : terms;
  return wanted.toSorted((a, b) => b.word.length - a.word.length).slice(0, TERMS_MAX);
}

function termsOfText(text: string): Term[] {
  // Words fold case in ASCII alone: of other letters, another one may stand for what was asked.
  if (!/^[ -~]*$/.test(text) || new RegExp(HASH).test(text)) return [];
  const pieces = text.toLowerCase().split(/[^0-9a-z]/);
  return pieces.flatMap((piece, n): Term[] => {
    if (piece === '') return [];
    const word = piece.slice(0, WORD_CHARS_MAX);
    if (n === 0) return [{ sql: INSIDE, word }];
    return [{ sql: n === pieces.length - 1 || word !== piece ? BEGINS : WHOLE, word }];
  });
}
