/** One leaf: its row, its parts, its proof. */
import { inclusionPath, tlogProof } from '@vitrine/chain';
import type { EventDetail } from '@vitrine/schema/api';
import type { RecordRow } from '@vitrine/store';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';
import { goneError, goneParts } from '../gone.ts';
import { eventItem } from '../item.ts';
import { nodeReader } from '../nodes.ts';
import type { System } from '../system.ts';

export const eventRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/events/:log/:index',
    summary: 'One record with its columns and its parts; gone: which were taken out, and by what.',
    async handle(context) {
      context.may('event.read');
      const row = await leafOf(context);
      const parts = await context.system.store.parts(row.log, row.idx);
      const names = parts.map((p) => ({ name: p.name, bytes: p.data.length }));
      const gone = await goneParts(
        context.system,
        row,
        names.map(({ name }) => name),
      );
      const shown = names.filter(({ name }) => !gone.some((part) => part.name === name));
      const hostOf = await context.hostsOf([row]);
      context.json<EventDetail>({ ...eventItem(row, hostOf(row)), parts: shown, gone });
    },
  },
  {
    method: 'GET',
    path: '/v1/events/:log/:index/proof',
    summary: 'The C2SP tlog-proof of one leaf.',
    async handle(context) {
      context.may('log.read');
      const row = await leafOf(context);
      const published = context.system.published()!;
      const node = nodeReader(context.system.store, row.log, published.size);
      const path = await inclusionPath(row.idx, published.size, node);
      context.send(200, 'text/plain; charset=utf-8', tlogProof(row.idx, path, published.note));
    },
  },
  {
    method: 'GET',
    path: '/v1/events/:log/:index/parts/:name',
    summary:
      'The content of one part, its salt as vitrine-salt. Who asked is written into the log.',
    async handle(context) {
      const { log, index, name } = context.params;
      context.may('part.read', `${log}/${index}/${name}`);
      const row = await leafOf(context);
      const parts = await context.system.store.parts(row.log, row.idx);
      const stored = parts.map((p) => p.name);
      const gone = (await goneParts(context.system, row, stored)).find((p) => p.name === name);
      if (gone !== undefined) throw goneError(row, gone);
      const part = parts.find((p) => p.name === name);
      if (part === undefined) throw new ApiError('NOT_FOUND', `this record has no part ${name}`);
      await context.record('part.read', `${row.log}/${row.idx}/${name}`);
      context.send(200, 'application/octet-stream', part.data, {
        'content-disposition': 'attachment',
        // With it the reader sees whether the record commits to this content.
        'vitrine-salt': part.salt.toString('base64'),
        'x-content-type-options': 'nosniff',
      });
    },
  },
];

/** The row of `:log/:index`, below the published size. */
export function leafOf(context: Context): Promise<RecordRow> {
  const { log, index } = context.params;
  return leafNamed(context.system, log!, index!);
}

/** The row of a leaf, below the published size; NOT_FOUND when there is none. */
export async function leafNamed(system: System, log: string, index: string): Promise<RecordRow> {
  const { store, identity } = system;
  const size = system.published()?.size ?? 0;
  const known = log === identity.log && /^\d{1,16}$/.test(index) && Number(index) < size;
  const row = known ? await store.record(log, size, Number(index)) : undefined;
  if (row === undefined) throw new ApiError('NOT_FOUND', `there is no leaf ${log}/${index}`);
  return row;
}
