/**
 * What left sandboxes, by host and function and by who saw it: requests and tunnels of the proxies,
 * connections of the kernel. What is told of one request in several records (`http.flow`) is one
 * exchange. Whose a credential is, `open` of the session decides, never the proxy's own word.
 */
import { VIEW_NAMES_MAX, VIEW_TEXT_CHARS_MAX } from '@vitrine/schema';
import type { Egress, EgressItem } from '@vitrine/schema/api';
import type { Connection } from '../client/connection.ts';
import type { EgressQuery } from '../view-query.ts';
import { namesOf } from './files.ts';
import { conditionOf } from './filter.ts';
import { boundOf } from './looked.ts';

export const EGRESS_KINDS = [
  'egress.request',
  'egress.response',
  'egress.tunnel',
  'egress.error',
  'net.connect',
];

const HTTP = `JSONExtract(record, 'http', 'Tuple(host String, function String, status Int64,
  req_bytes UInt64, resp_bytes UInt64, auth_fp String, denied Bool, flow String)') AS h`;
const OTHERS = `JSONExtract(record, 'http', 'credentials', 'Array(Tuple(fp String))') AS c`;
const NET = `JSONExtract(record, 'net', 'Tuple(dst_host String, dst_ip String, dst_port Int64,
  path String, bytes_out UInt64, bytes_in UInt64)') AS n`;
const TUNNEL = `JSONExtract(record, 'tunnel', 'Tuple(phase String, intercepted Nullable(Bool),
  uncounted Bool)') AS u`;
const VALUE = "JSONExtractString(record, 'decision', 'value') AS decided";
/** A Unix socket has no host, and an address without a name is told with its port. */
const HOST = `leftUTF8(multiIf(h.host != '', h.host, n.dst_host != '', n.dst_host,
  n.dst_ip != '', concat(n.dst_ip, ':', toString(n.dst_port)), n.path), ${VIEW_TEXT_CHARS_MAX})`;
/** Each exchange once: all records of one flow, any other record on its own. */
const EXCHANGE = `SELECT session, vantage, if(h.flow = '' OR kind = 'egress.tunnel',
    concat('#', toString(idx)), h.flow) AS exchange,
  max(${HOST}) AS host, max(leftUTF8(h.function, ${VIEW_TEXT_CHARS_MAX})) AS function,
  max(kind = 'egress.request') AS request,
  max(kind = 'egress.tunnel' AND u.phase != 'close') AS tunnel,
  max(kind = 'egress.tunnel' AND u.phase != 'close' AND u.intercepted = false) AS opaque,
  max(u.uncounted) AS uncounted, max(kind = 'net.connect') AS connect,
  max(h.denied OR decided = 'reject') AS denied, max(kind = 'egress.error') AS error,
  max(if(kind = 'egress.request' OR h.flow != '', h.req_bytes, 0)) + max(n.bytes_out) AS up,
  max(h.resp_bytes) + max(n.bytes_in) AS down,
  max(if(kind = 'egress.request' OR h.flow != '', h.status, 0)) AS status,
  groupUniqArrayArray(arrayFilter(fp -> fp != '', arrayMap(fp -> lower(leftUTF8(fp, 64)),
    arrayConcat([h.auth_fp], c.fp)))) AS fps,
  min(t) AS low, max(t) AS high, min(idx) AS began, max(idx) AS ended`;

interface RawEgress {
  vantage: EgressItem['vantage'];
  host: string;
  function: string;
  sessions_of: string;
  requests: string;
  tunnels: string;
  not_intercepted: string;
  connects: string;
  denied_of: string;
  errors: string;
  bytes_up: string;
  bytes_down: string;
  uncounted_of: string;
  status_codes: string[];
  status_requests: string[];
  foreign_requests: string;
  own: string[];
  own_of: string;
  foreign: string[];
  foreign_of: string;
  unknown: string[];
  unknown_of: string;
  first_t: string;
  last_t: string;
  first: string;
  last: string;
  any_session: string;
  rows_of: string;
}

export async function egress(
  connection: Connection,
  query: EgressQuery,
  max?: number,
): Promise<Egress> {
  const { log, size, session, from, to, vantages, host } = query;
  const filter = {
    ...{ log, size, kinds: EGRESS_KINDS },
    ...(session === undefined ? {} : { session }),
    ...(vantages === undefined ? {} : { vantages }),
  };
  const condition = (first: number, end: number) => {
    const where = conditionOf(filter, first, end);
    if (from !== undefined) where.and('t >= {from:Int64}', { from });
    if (to !== undefined) where.and('t <= {to:Int64}', { to });
    return where;
  };
  const bounds = { newest: session === undefined, ...(max === undefined ? {} : { max }) };
  const { first, end, looked } = await boundOf(connection, condition(0, size), size, bounds);
  const where = condition(first, end);
  const rows = await connection.rows<RawEgress>(statementOf(String(where)), {
    ...where.params,
    host: host ?? '',
    limit: query.limit,
  });
  return { items: rows.map(itemOf), of: Number(rows[0]?.rows_of ?? 0), looked };
}

function statementOf(where: string): string {
  const known = `SELECT session AS name,
      arrayMap(fp -> lower(fp), JSONExtract(record, 'credentials', 'Array(String)')) AS given,
      JSONHas(record, 'credentials') AS says
    FROM supervision WHERE log = {log:String} AND idx < {size:UInt64} AND kind = 'open' AND seq = 0
      AND session IN (SELECT DISTINCT session FROM records WHERE ${where})
    LIMIT 1 BY session`;
  return `WITH ${HTTP}, ${OTHERS}, ${NET}, ${TUNNEL}, ${VALUE}
    SELECT *, count() OVER () AS rows_of FROM (
      SELECT vantage, host, function, uniqExact(session) AS sessions_of,
        any(session) AS any_session, sum(request) AS requests, sum(tunnel) AS tunnels,
        sum(opaque) AS not_intercepted, sum(connect) AS connects, sum(denied) AS denied_of,
        sum(error) AS errors, sum(up) AS bytes_up, sum(down) AS bytes_down,
        sum(uncounted) AS uncounted_of,
        sumMapIf([status], [toUInt64(1)], status > 0) AS answers,
        answers.1 AS status_codes, answers.2 AS status_requests,
        countIf(says = 1 AND request = 1 AND notEmpty(strangers)) AS foreign_requests,
        ${fingerprints('friends', 'own')}, ${fingerprints('strangers', 'foreign')},
        ${fingerprints('strays', 'unknown')},
        min(low) AS first_t, max(high) AS last_t, min(began) AS first, max(ended) AS last
      FROM (
        SELECT *, if(says = 1, arrayFilter(fp -> has(given, fp), fps), []) AS friends,
          if(says = 1, arrayFilter(fp -> NOT has(given, fp), fps), []) AS strangers,
          if(says = 1, [], fps) AS strays
        FROM (${EXCHANGE} FROM records WHERE ${where} GROUP BY session, vantage, exchange) AS e
        LEFT JOIN (${known}) AS o ON e.session = o.name)
      GROUP BY vantage, host, function)
    WHERE {host:String} = '' OR positionCaseInsensitiveUTF8(host, {host:String}) > 0
    ORDER BY foreign_requests DESC, requests + tunnels + connects DESC, host, function, vantage
    LIMIT {limit:UInt64}`;
}

function fingerprints(list: string, name: string): string {
  return `arraySort(groupUniqArrayArray(${VIEW_NAMES_MAX})(${list})) AS ${name},
    uniqExactArray(${list}) AS ${name}_of`;
}

function itemOf(raw: RawEgress): EgressItem {
  const { vantage, host, first_t, last_t, status_codes, status_requests } = raw;
  const sessions = Number(raw.sessions_of);
  return {
    vantage,
    host,
    function: raw.function,
    sessions,
    requests: Number(raw.requests),
    tunnels: Number(raw.tunnels),
    not_intercepted: Number(raw.not_intercepted),
    connects: Number(raw.connects),
    denied: Number(raw.denied_of),
    errors: Number(raw.errors),
    bytes_up: Number(raw.bytes_up),
    bytes_down: Number(raw.bytes_down),
    uncounted: Number(raw.uncounted_of),
    statuses: status_codes.map((status, i) => ({
      status: Number(status),
      requests: Number(status_requests[i]),
    })),
    foreign_requests: Number(raw.foreign_requests),
    fingerprints: {
      provisioned: namesOf(raw.own, raw.own_of),
      foreign: namesOf(raw.foreign, raw.foreign_of),
      unknown: namesOf(raw.unknown, raw.unknown_of),
    },
    first_t,
    last_t,
    first: Number(raw.first),
    last: Number(raw.last),
    session: sessions === 1 ? raw.any_session : null,
  };
}
