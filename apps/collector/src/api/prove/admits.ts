/** The admit records that say how records of one chain arrived (LOG.md §2). */
import { BUNDLE_ADMITS_MAX, type JsonObject } from '@vitrine/schema';
import { textNode } from '@vitrine/schema/query';
import type { RecordRow, Store } from '@vitrine/store';
import { OWN_SESSION, SUPERVISOR_SHIM } from '../../sequence/state.ts';

export interface AdmittedRange {
  log: string;
  session: string;
  shim: string;
  /** `seq` of the first and last record, and their leaves. */
  first: number;
  last: number;
  firstIdx: number;
  lastIdx: number;
}

interface Run {
  chain: string;
  first: number;
  last: number;
}

/** In order of index. An admit stands before what it covers, in the same batch. */
export async function admitsOf(store: Store, range: AdmittedRange): Promise<RecordRow[]> {
  const { log, session, shim, first, last, firstIdx, lastIdx } = range;
  if (session === OWN_SESSION || shim === SUPERVISOR_SHIM) return [];
  const chain = `${session}/${shim}`;
  const own = { log, session: OWN_SESSION };
  const newest = { ...own, order: 'desc' as const, kinds: ['seal'], limit: 1 };
  const [seal] = await store.events({ ...newest, size: firstIdx });
  const admits = await store.events({
    ...own,
    size: lastIdx,
    order: 'asc',
    after: seal?.idx ?? -1,
    kinds: ['admit'],
    query: textNode(JSON.stringify(chain)),
    limit: BUNDLE_ADMITS_MAX,
  });
  return admits.filter(({ record }) => {
    const { runs } = JSON.parse(record) as JsonObject & { runs: Run[] };
    return runs.some((run) => run.chain === chain && run.first <= last && run.last >= first);
  });
}
