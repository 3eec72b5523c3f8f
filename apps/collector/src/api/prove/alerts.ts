/** What `log/alert` has about a session: its alerts, and what people made of them (LOG.md §2). */
import { BUNDLE_ALERTS_MAX } from '@vitrine/schema';
import type { RecordRow, Store } from '@vitrine/store';
import { chainName, OWN_SESSION } from '../../sequence/state.ts';

const ALERT_CHAIN = chainName(OWN_SESSION, 'alert');

/** In order of index; of more than `BUNDLE_ALERTS_MAX` the newest, which say how they stand. */
export async function alertsAbout(
  store: Pick<Store, 'events'>,
  log: string,
  size: number,
  session: string,
): Promise<RecordRow[]> {
  const rows = await store.events({
    ...{ log, size, chain: ALERT_CHAIN, kinds: ['alert', 'alert.state'], subject: session },
    order: 'desc',
    limit: BUNDLE_ALERTS_MAX,
  });
  return rows.toReversed();
}
