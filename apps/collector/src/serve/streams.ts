/**
 * The streams that consumers read, and what a filter asks of each. A filter is text from outside:
 * whatever is wrong with it is an ApiError or a QueryError.
 */
import { createHash } from 'node:crypto';
import { NAME_CHARS_MAX, PULL_KINDS_MAX, QUERY_CHARS_MAX } from '@vitrine/schema';
import type { PullStream } from '@vitrine/schema/api';
import {
  fieldTerm,
  fixTimes,
  parseQuery,
  type QueryNode,
  SEVERITY_WORDS,
} from '@vitrine/schema/query';
import type { EventFilter } from '@vitrine/store';
import { ApiError } from '../api/errors.ts';
import { OWN_SESSION, SUPERVISOR_SHIM } from '../sequence/state.ts';

/** Names as in a query string; `null` where nothing is asked. */
export interface PullFilter {
  stream: PullStream;
  kind: string[] | null;
  severity_gte: (typeof SEVERITY_WORDS)[number] | null;
  session: string | null;
  sandbox: string | null;
  q: string | null;
}

export const FILTER_NAMES = ['kind', 'severity_gte', 'session', 'sandbox', 'q'] as const;

/** Chain of the log in which all of a stream stands. */
const CHAINS: Record<Exclude<PullStream, 'events'>, string> = {
  alerts: 'log/alert',
  checkpoints: 'log/seal',
  access: 'log/audit',
};
/** Which filters a stream has. */
const TAKES: Record<PullStream, readonly string[]> = {
  events: FILTER_NAMES,
  alerts: ['kind', 'severity_gte', 'session', 'q'],
  checkpoints: [],
  access: ['kind', 'q'],
};
const KIND = /^[a-z0-9._]{1,64}$/;

/** `given`: a parameter by its name, as it came. */
export function pullFilter(
  stream: PullStream,
  given: (name: string) => string | undefined,
): PullFilter {
  const of = (name: (typeof FILTER_NAMES)[number]): string | null => {
    const text = given(name);
    if (text === undefined || text === '') return null;
    if (TAKES[stream].includes(name)) return text;
    const takes = TAKES[stream].length === 0 ? 'none' : TAKES[stream].join(', ');
    throw new ApiError('BAD_REQUEST', `${stream} have no filter ${name}: ${takes}`);
  };
  const filter = {
    stream,
    kind: kindsOf(of('kind')),
    severity_gte: severityOf(of('severity_gte')),
    session: nameOf('session', of('session')),
    sandbox: nameOf('sandbox', of('sandbox')),
    q: of('q'),
  };
  // Who reads what is a record, and that cannot hold half a character.
  if (filter.q !== null && (filter.q.length > QUERY_CHARS_MAX || !filter.q.isWellFormed())) {
    throw new ApiError('BAD_REQUEST', `q must be a text of at most ${QUERY_CHARS_MAX} characters`);
  }
  // What is wrong with a query is said now, also of one that is kept for later.
  conditionsOf(filter, 0n);
  return filter;
}

function kindsOf(text: string | null): string[] | null {
  if (text === null) return null;
  const kinds = [...new Set(text.split(','))].sort();
  if (kinds.length > PULL_KINDS_MAX || !kinds.every((kind) => KIND.test(kind))) {
    throw new ApiError('BAD_REQUEST', `kind must be at most ${PULL_KINDS_MAX} kinds, with commas`);
  }
  return kinds;
}

function severityOf(text: string | null): PullFilter['severity_gte'] {
  const word = SEVERITY_WORDS.find((one) => one === text);
  if (text === null || word !== undefined) return word ?? null;
  throw new ApiError('BAD_REQUEST', `severity_gte must be one of ${SEVERITY_WORDS.join(', ')}`);
}

function nameOf(name: string, text: string | null): string | null {
  const isName = text === null || (text.length <= NAME_CHARS_MAX && /^[!-~]+$/.test(text));
  if (!isName) throw new ApiError('BAD_REQUEST', `${name} must be the name of one ${name}`);
  if (text === OWN_SESSION && name === 'session') {
    const message = 'the records of the log itself are in alerts, checkpoints and access';
    throw new ApiError('BAD_REQUEST', message);
  }
  return text;
}

/** Two filters that ask the same have the same. */
export function filterHash(filter: PullFilter): string {
  return createHash('sha256').update(JSON.stringify(filter)).digest('hex').slice(0, 16);
}

/** The parameters of a filter, for a link to the next page. */
export function filterParameters(filter: PullFilter): [string, string][] {
  return FILTER_NAMES.flatMap((name) => {
    const value = filter[name];
    return value === null ? [] : [[name, String(value)] as [string, string]];
  });
}

/** Records of the sequencer about a session are no source's word (LOG.md §2). */
const OF_SOURCES = parseQuery(`NOT shim:${SUPERVISOR_SHIM}`);

type Conditions = Pick<EventFilter, 'session' | 'chain' | 'kinds' | 'subject' | 'query'>;

/**
 * What the filter asks of the store; `nowNs` is what `now` means in its query. `replayed`: for a
 * page that another collector is sent, which writes of the beginning and end of sessions itself.
 */
export function conditionsOf(filter: PullFilter, nowNs: bigint, replayed = false): Conditions {
  const { stream, session, q } = filter;
  const asked = q === null ? null : fixTimes(parseQuery(q), nowNs);
  const own = replayed && stream === 'events' && filter.kind === null ? OF_SOURCES : null;
  const terms = [...termsOf(filter), own, asked].filter((node) => node !== null);
  const query = allOf(terms);
  const kinds = filter.kind ?? (stream === 'alerts' ? ['alert'] : undefined);
  return {
    ...(stream === 'events' ? {} : { chain: CHAINS[stream] }),
    ...(session === null ? {} : { [stream === 'alerts' ? 'subject' : 'session']: session }),
    ...(kinds === undefined ? {} : { kinds }),
    ...(query === undefined ? {} : { query }),
  };
}

function termsOf({ stream, session, sandbox, severity_gte: severity }: PullFilter) {
  const texts: string[] = [];
  if (stream === 'events' && session === null) texts.push(`NOT session:${OWN_SESSION}`);
  if (sandbox !== null) texts.push(fieldTerm('sandbox', sandbox));
  // An alert has its word; of an event there is only the rank that its kind and outcome have.
  if (severity !== null) {
    const least = stream === 'alerts' ? severity : SEVERITY_WORDS.indexOf(severity);
    texts.push(`severity>=${least}`);
  }
  return texts.map(parseQuery);
}

function allOf(terms: readonly QueryNode[]): QueryNode | undefined {
  const nodes = terms.flatMap((node) => (node.type === 'and' ? node.nodes : [node]));
  return nodes.length < 2 ? nodes[0] : { type: 'and', nodes };
}
