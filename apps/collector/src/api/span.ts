/** A span of time in a query string: `from` and `to`, both inclusive, in unix nanoseconds. */
import type { Context } from './context.ts';
import { ApiError } from './errors.ts';

/** What the column of times holds: 2262. */
const NS_MAX = 2n ** 63n - 1n;

/** `since` is another name of `from`. */
export function spanOf(context: Context): { from?: string; to?: string } {
  const from = instant(context, 'from') ?? instant(context, 'since');
  const to = instant(context, 'to');
  if (from !== undefined && to !== undefined && BigInt(from) > BigInt(to)) {
    throw new ApiError('BAD_REQUEST', 'from must not be after to');
  }
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function instant(context: Context, name: string): string | undefined {
  const text = context.query(name);
  if (text === undefined) return undefined;
  if (/^\d{1,19}$/.test(text) && BigInt(text) <= NS_MAX) return text;
  throw new ApiError('BAD_REQUEST', `${name} must be unix nanoseconds, at most ${NS_MAX}`);
}
