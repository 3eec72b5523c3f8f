/**
 * Incidents: the alerts about one session taken together. Made of the records at each question and
 * never kept, so that an incident cannot say anything that its records do not.
 */
import { type AlertState, INCIDENT_EGRESS_MS_MAX } from '@vitrine/schema';
import type { Incident } from '@vitrine/schema/api';
import { SEVERITY_WORDS } from '@vitrine/schema/query';
import type { IncidentQuery, StoryContext, StoryPoint } from '../alert-row.ts';
import type { Connection, Params } from '../client/connection.ts';
import type { RecordRow } from '../row.ts';
import { alertChain, lastActs } from './alerts.ts';
import { type RawRecord, RECORD_SELECT, recordOf } from './columns.ts';
import { Condition } from './condition.ts';

/** Names of one incident that a list shows; its alerts name them all. */
const NAMES_MAX = 64;

interface RawIncident {
  session: string;
  rank: number;
  alerts: string;
  open: string;
  acknowledged: string;
  closed: string;
  first_t: string;
  last_t: string;
  last: string;
  rules: string[];
  titles: string[];
  tags: string[];
  assignees: string[];
}

/** Read once: a record is parsed for each call of a function. */
const ALERT = `JSONExtract(record, 'Tuple(id String, severity String, rule String, title String,
  tags Array(String))') AS a`;

/** The incident with the newest alert first. */
export async function incidents(connection: Connection, query: IncidentQuery): Promise<Incident[]> {
  const { log, size, limit, session, after } = query;
  const where = alertChain(log, size, 'alert');
  if (session !== undefined) where.and('subject = {subject:String}', { subject: session });
  const acts = lastActs(log, size, session !== undefined);
  const having = havingOf(query);
  if (after !== undefined) having.and('last < {after:UInt64}', { after });
  const ranks = SEVERITY_WORDS.map((name, n) => `severity = '${name}', ${n}`).join(', ');
  const rows = await connection.rows<RawIncident>(
    `SELECT subject AS session, toUInt8(max(multiIf(${ranks}, 0))) AS rank, count() AS alerts,
       countIf(state NOT IN ('acknowledged', 'closed')) AS open,
       countIf(state = 'acknowledged') AS acknowledged, countIf(state = 'closed') AS closed,
       min(t) AS first_t, max(t) AS last_t, max(idx) AS last,
       arraySort(groupUniqArray(${NAMES_MAX})(rule)) AS rules,
       arraySort(groupUniqArray(${NAMES_MAX})(title)) AS titles,
       arraySort(groupUniqArrayArray(${NAMES_MAX})(tags)) AS tags,
       arraySort(groupUniqArrayIf(${NAMES_MAX})(assignee, assignee != '')) AS assignees
     FROM (
       SELECT idx, t, subject, ${ALERT}, a.id AS id, a.severity AS severity, a.rule AS rule,
         a.title AS title, a.tags AS tags
       FROM records WHERE ${where} LIMIT 1 BY idx) AS found
     LEFT JOIN (${acts}) AS acts ON found.id = acts.alert
     GROUP BY subject HAVING ${having} ORDER BY last DESC LIMIT {limit:UInt64}`,
    { ...where.params, ...having.params, limit },
  );
  return rows.map(incidentOf);
}

const STATE =
  "if(open > 0, 'open', if(acknowledged > 0, 'acknowledged', 'closed')) IN {states:Array(String)}";

function havingOf({ states, severities }: IncidentQuery): Condition {
  const having = new Condition().and('alerts > 0');
  if (states !== undefined) having.and(STATE, { states: [...states] });
  if (severities === undefined) return having;
  const words: readonly string[] = SEVERITY_WORDS;
  const ranks = severities.map((name) => words.indexOf(name)).filter((rank) => rank >= 0);
  return having.and('rank IN {ranks:Array(UInt8)}', { ranks });
}

function incidentOf(raw: RawIncident): Incident {
  const { session, first_t, last_t, rules, titles, tags, assignees } = raw;
  const counts = {
    alerts: Number(raw.alerts),
    open: Number(raw.open),
    acknowledged: Number(raw.acknowledged),
    closed: Number(raw.closed),
  };
  const severity = SEVERITY_WORDS[raw.rank]!;
  const last = Number(raw.last);
  const named = { rules, titles, tags, assignees };
  return { session, state: stateOf(counts), severity, ...counts, first_t, last_t, last, ...named };
}

function stateOf({ open, acknowledged }: { open: number; acknowledged: number }): AlertState {
  if (open > 0) return 'open';
  return acknowledged > 0 ? 'acknowledged' : 'closed';
}

const PROMPTS = "kind = 'prompt.submit'";
const TOOLS = "kind = 'tool.call'";
const EGRESS = "kind IN ('egress.request', 'egress.tunnel', 'net.connect')";
const NS_PER_MS = 1_000_000;

/**
 * What stands around these points of a session, in one pass over its rows. Before and after are by
 * the makers' clocks: rows of several makers in one batch do not stand in order of time.
 */
export async function storyContexts(
  connection: Connection,
  log: string,
  size: number,
  session: string,
  points: readonly StoryPoint[],
): Promise<StoryContext[]> {
  if (points.length === 0) return [];
  const params: Params = { session };
  const asked = points.flatMap(({ t }, n) => {
    params[`t${n}`] = t;
    const at = `{t${n}:Int64}`;
    const near = `t >= ${at} AND t - ${at} <= ${INCIDENT_EGRESS_MS_MAX * NS_PER_MS}`;
    return [
      `argMaxIf(idx, t, ${PROMPTS} AND t <= ${at}) AS p${n}`,
      `countIf(${PROMPTS} AND t <= ${at}) > 0 AS hp${n}`,
      `argMaxIf(idx, t, ${TOOLS} AND t <= ${at}) AS c${n}`,
      `countIf(${TOOLS} AND t <= ${at}) > 0 AS hc${n}`,
      `argMinIf(idx, t, ${EGRESS} AND ${near}) AS e${n}`,
      `countIf(${EGRESS} AND ${near}) > 0 AS he${n}`,
    ];
  });
  const where = Condition.below(log, size)
    .and('session = {session:String}')
    .and(`(${PROMPTS} OR ${TOOLS} OR ${EGRESS})`);
  const [row] = await connection.rows<Record<string, string | number | boolean>>(
    `SELECT ${asked.join(', ')} FROM records WHERE ${where}`,
    { ...where.params, ...params },
  );
  const indexOf = (name: string): number | null =>
    Number(row![`h${name}`]) > 0 ? Number(row![name]) : null;
  return points.map((_, n) => ({
    prompt: indexOf(`p${n}`),
    tool: indexOf(`c${n}`),
    egress: indexOf(`e${n}`),
  }));
}

/** The rows at these leaves, in order of index; those that are not there are left out. */
export async function rowsAt(
  connection: Connection,
  log: string,
  size: number,
  indices: readonly number[],
): Promise<RecordRow[]> {
  const where = Condition.below(log, size).and('idx IN {indices:Array(UInt64)}');
  const rows = await connection.rowsOfList<RawRecord>(
    `SELECT ${RECORD_SELECT} FROM records WHERE ${where} ORDER BY idx LIMIT 1 BY idx`,
    where.params,
    'indices',
    [...new Set(indices)].sort((a, b) => a - b),
  );
  return rows.map(recordOf);
}
