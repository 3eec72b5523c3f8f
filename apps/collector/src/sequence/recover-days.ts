/** Reads back which days are over and have no seal, and the chains of the day in progress. */
import type { Head } from '@vitrine/chain';
import type { Store, TipRow } from '@vitrine/store';
import { type DayHeads, DayLedger, dayAfter, dayOf, daysBetween, midnightNs } from './days.ts';
import { chainName } from './state.ts';

/** `tNs` is the time of the last seal of the tree of `size`. */
export async function readDays(
  store: Store,
  log: string,
  size: number,
  tNs: bigint,
): Promise<DayLedger> {
  const today = dayOf(tNs);
  const due: DayHeads[] = [];
  for (const day of await daysDue(store, log, size, today)) {
    due.push(await dayHeads(store, log, size, day));
  }
  return new DayLedger(await dayHeads(store, log, size, today), due);
}

/** The last record of every chain that had one on that day. */
export async function dayHeads(
  store: Store,
  log: string,
  size: number,
  day: string,
): Promise<DayHeads> {
  const first = await store.sizeBefore(log, size, midnightNs(day));
  const end = await store.sizeBefore(log, size, midnightNs(dayAfter(day)));
  return { day, heads: headsOfTips(await store.tipsBetween(log, first, end)) };
}

export function headsOfTips(tips: readonly TipRow[]): Head[] {
  return tips.map(({ session, shim, seq, leaf }) => {
    return { chain: chainName(session, shim), seq, head: leaf };
  });
}

async function daysDue(store: Store, log: string, size: number, today: string): Promise<string[]> {
  const yesterday = dayOf(midnightNs(today) - 1n);
  // By far the most frequent case, and the cheapest question.
  if ((await store.daySeal(log, size, yesterday, midnightNs(today))) !== undefined) return [];
  const sealed = await store.newestDaySeal(log, size);
  if (sealed !== undefined) return daysBetween(memberOf(sealed.record, 'day'), today);
  const first = await store.firstSeal(log, size);
  if (first === undefined) return [];
  const begun = dayOf(BigInt(memberOf(first.record, 't')));
  return daysBetween(dayOf(midnightNs(begun) - 1n), today);
}

function memberOf(record: string, name: 'day' | 't'): string {
  return String((JSON.parse(record) as Record<string, unknown>)[name]);
}
