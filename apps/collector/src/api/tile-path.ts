/** Names of tiles in a URL (C2SP tlog-tiles): what is behind `tile/<L>/` or `tile/entries/`. */
import { TILE_WIDTH } from '@vitrine/chain';

export interface TileName {
  n: number;
  /** Hashes or entries; a tile of the full width has no suffix. */
  width: number;
}

/** Groups of three digits, all but the last with an `x`; no group of zeros before them. */
const TILE = /^((?:x(?!000)\d{3}\/(?:x\d{3}\/)*)?\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;
const LEVEL = /^(?:[0-9]|[1-5][0-9]|6[0-3])$/;

/** `undefined` for what names no tile, or names it in another way than the one there is. */
export function parseTileName(text: string): TileName | undefined {
  const [, path, partial] = TILE.exec(text) ?? [];
  if (path === undefined) return undefined;
  const n = Number(path.replace(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const known = Number.isSafeInteger((n + 1) * TILE_WIDTH);
  if (!known || (partial !== undefined && width >= TILE_WIDTH)) return undefined;
  return { n, width };
}

/** `<L>/<N>[.p/<W>]`. */
export function parseHashTileName(text: string): (TileName & { level: number }) | undefined {
  const slash = text.indexOf('/');
  const level = text.slice(0, slash);
  if (!LEVEL.test(level)) return undefined;
  const name = parseTileName(text.slice(slash + 1));
  return name === undefined ? undefined : { ...name, level: Number(level) };
}
