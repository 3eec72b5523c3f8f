/** New rows as they are published, as server-sent events; `id` is the leaf index. */
import { TAIL_BUFFER_ROWS_MAX } from '@vitrine/schema';
import type { RecordRow } from '@vitrine/store';
import type { Context, Route } from '../context.ts';
import { eventFilter } from '../filter.ts';
import { eventItem } from '../item.ts';

const KEEP_ALIVE_MS = 15_000;
const REPLAY_PAGE_ROWS = 500;

export const tailRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/tail',
    summary: 'Follow events live; after= or Last-Event-ID continues without a hole.',
    async handle(context) {
      context.may('event.read', context.query('session'));
      await follow(context);
    },
  },
];

/**
 * First what was published since `after`, then what comes: rows that arrive meanwhile wait, and an
 * index is never sent twice.
 */
async function follow(context: Context): Promise<void> {
  const { tail, identity } = context.system;
  const size = context.system.published()?.size ?? 0;
  const resumed = context.request.headers['last-event-id'] ?? context.query('after');
  let sent = resumed === undefined ? size - 1 : Number(resumed);
  const filter = eventFilter(context, identity.log, size, context.query('session'));
  const response = context.stream('text/event-stream');
  const waiting: RecordRow[] = [];
  let replaying = true;
  const write = (rows: RecordRow[]): void => {
    for (const row of rows) {
      if (row.idx <= sent) continue;
      sent = row.idx;
      if (!wanted(row, filter)) continue;
      response.write(`event: record\nid: ${row.idx}\ndata: ${JSON.stringify(eventItem(row))}\n\n`);
    }
  };
  const leave = tail.follow({
    take(rows) {
      if (replaying) waiting.push(...rows);
      else write(rows);
      return waiting.length + response.writableLength / 1_000 <= TAIL_BUFFER_ROWS_MAX;
    },
    end: () => response.end('event: end\ndata: {}\n\n'),
  });
  response.on('close', leave);
  const alive = setInterval(() => response.write(': alive\n\n'), KEEP_ALIVE_MS);
  response.on('close', () => clearInterval(alive));
  response.write(`event: ready\ndata: {"size":${size}}\n\n`);
  await replay(context, filter, sent, write);
  replaying = false;
  write(waiting.splice(0));
}

async function replay(
  context: Context,
  filter: ReturnType<typeof eventFilter>,
  from: number,
  write: (rows: RecordRow[]) => void,
): Promise<void> {
  const { store } = context.system;
  let after = from;
  while (after < filter.size - 1) {
    const page = { ...filter, order: 'asc' as const, limit: REPLAY_PAGE_ROWS, after };
    const rows = await store.events(page);
    write(rows);
    if (rows.length < REPLAY_PAGE_ROWS) return;
    after = rows.at(-1)!.idx;
  }
}

function wanted(row: RecordRow, filter: ReturnType<typeof eventFilter>): boolean {
  if (filter.session !== undefined && row.session !== filter.session) return false;
  if (filter.kinds !== undefined && !filter.kinds.includes(row.kind)) return false;
  if (filter.vantages !== undefined && !filter.vantages.includes(row.vantage)) return false;
  const text = filter.text?.toLowerCase();
  return text === undefined || row.record.toLowerCase().includes(text);
}
