/** Questions whose answer may be too large for one: a record may have a hundred parts. */
import { StoreError } from '../error.ts';

/** Asks for [first, end), and for each half of it where the engine says READ_TOO_LARGE. */
export async function halved<T>(
  first: number,
  end: number,
  ask: (first: number, end: number) => Promise<T[]>,
): Promise<T[]> {
  try {
    return await ask(first, end);
  } catch (error) {
    const large = error instanceof StoreError && error.code === 'READ_TOO_LARGE';
    if (!large || end - first <= 1) throw error;
  }
  const middle = first + Math.floor((end - first) / 2);
  const rows = await halved(first, middle, ask);
  return rows.concat(await halved(middle, end, ask));
}
