/**
 * The rows of one INSERT in pieces, made as they are sent: whoever else waits for the thread gets
 * it in between. The engine sees one body, so it stays one block.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Some 3 ms of processor time. */
export const PIECE_ROWS = 2_500;

export async function* piecesOf<Row>(
  rows: readonly Row[],
  encode: (rows: Row[]) => Buffer,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < rows.length; at += PIECE_ROWS) {
    await nextTurn();
    yield encode(rows.slice(at, at + PIECE_ROWS));
  }
}
