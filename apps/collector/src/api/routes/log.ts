/** The log itself, as C2SP tlog-tiles has it, and its key. */
import { TILE_WIDTH } from '@vitrine/chain';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';
import { openTile, tileWidth } from '../nodes.ts';
import { parseHashTileName, parseTileName } from '../tile-path.ts';

export const logRoutes: Route[] = [
  {
    method: 'GET',
    path: '/log/:log/checkpoint',
    summary: 'The newest signed checkpoint (C2SP tlog-checkpoint).',
    handle(context) {
      context.may('log.read');
      const note = context.system.published();
      if (context.params.log !== context.system.identity.log || note === null) {
        throw new ApiError('NOT_FOUND', `there is no checkpoint of ${context.params.log}`);
      }
      context.send(200, 'text/plain; charset=utf-8', note.note, { 'cache-control': 'no-cache' });
    },
  },
  {
    method: 'GET',
    path: '/log/:log/tile/entries/*tile',
    summary: 'A bundle of 256 records (C2SP tlog-tiles: N[.p/W]), each behind its 16-bit length.',
    async handle(context) {
      // Records are events: whoever may not read those gets no tile of them.
      context.may('event.read');
      const name = parseTileName(context.params.tile!);
      if (name === undefined) throw noTile(context);
      const { n, width } = name;
      checkThere(context, 0, n, width);
      const bytes = await entryBundle(context, n * TILE_WIDTH, width);
      sendTile(context, bytes, width);
    },
  },
  {
    method: 'GET',
    path: '/log/:log/tile/*tile',
    summary: 'A tile of 256 hashes of the tree (C2SP tlog-tiles: L/N[.p/W]).',
    async handle(context) {
      context.may('log.read');
      const name = parseHashTileName(context.params.tile!);
      if (name === undefined) throw noTile(context);
      const { level, n, width } = name;
      checkThere(context, level, n, width);
      const { store, identity } = context.system;
      const stored = width < TILE_WIDTH ? undefined : await store.tile(identity.log, level, n);
      const bytes = stored ?? Buffer.concat(await openTile(store, identity.log, level, n, width));
      sendTile(context, bytes, width);
    },
  },
  {
    method: 'GET',
    path: '/v1/trust',
    summary: 'The trust file of this log (C2SP tlog-policy).',
    handle(context) {
      context.may('log.read');
      context.send(200, 'text/plain; charset=utf-8', context.system.identity.trust);
    },
  },
];

const LENGTH_BYTES = 2;
const TILE_TYPE = 'application/octet-stream';
/** A full tile never changes; only its own reader may keep it. */
const FULL = 'private, max-age=31536000, immutable';

/** Refuses a tile that the published tree does not have as wide as it is asked for. */
function checkThere(context: Context, level: number, n: number, width: number): void {
  const { log, size } = context.asked;
  if (context.params.log !== log || tileWidth(size, level, n) < width) {
    throw noTile(context);
  }
}

function noTile({ params }: Context): ApiError {
  const hint = 'tiles are named L/N or entries/N, N as x001/234, with .p/W where W are asked for';
  return new ApiError('NOT_FOUND', `there is no tile ${params.tile} of ${params.log}`, hint);
}

function sendTile(context: Context, bytes: Buffer, width: number): void {
  const cache = width === TILE_WIDTH ? FULL : 'no-cache';
  context.send(200, TILE_TYPE, bytes, { 'cache-control': cache, vary: 'authorization' });
}

async function entryBundle({ system }: Context, first: number, width: number): Promise<Buffer> {
  const { store, identity } = system;
  const size = first + width;
  const page = { log: identity.log, size, order: 'asc', after: first - 1, limit: width } as const;
  const rows = await store.events(page);
  const whole = rows.length === width && rows.every(({ idx }, i) => idx === first + i);
  if (!whole) throw new ApiError('INTERNAL', `leaves ${first} to ${size} are not all stored`);
  return Buffer.concat(
    rows.flatMap(({ record }) => {
      const bytes = Buffer.from(record, 'utf8');
      const length = Buffer.allocUnsafe(LENGTH_BYTES);
      length.writeUInt16BE(bytes.length);
      return [length, bytes];
    }),
  );
}
