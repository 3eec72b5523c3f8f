/**
 * Alerts as connectors deliver them: each with the proof that it belongs to a published checkpoint,
 * and a link to its evidence. Reads the store; owns nothing.
 */
import { inclusionPath, tlogProof } from '@vitrine/chain';
import type { DeliverableAlert, DeliverySource } from '@vitrine/connectors';
import { alertLink, exactJson, type JsonObject } from '@vitrine/schema';
import type { RecordRow, Store } from '@vitrine/store';
import { nodeReader } from '../api/nodes.ts';
import type { PublishedNote } from '../sequence/intents.ts';

export interface AlertSourceOptions {
  log: string;
  origin: string;
  store: Store;
  published: () => PublishedNote | null;
  publicUrl: string;
}

export function alertSource(options: AlertSourceOptions): DeliverySource {
  const { log, origin, store, published, publicUrl } = options;
  return {
    origin,
    async read(after, limit) {
      const note = published();
      if (note === null) return [];
      const filter = { log, size: note.size, order: 'asc' as const, session: 'log', limit };
      const rows = await store.events({ ...filter, kinds: ['alert'], after });
      const node = nodeReader(store, log, note.size);
      return Promise.all(
        rows.map(async (row) => {
          const path = await inclusionPath(row.idx, note.size, node);
          return toAlert(row, tlogProof(row.idx, path, note.note), publicUrl);
        }),
      );
    },
    async tip() {
      return (published()?.size ?? 0) - 1;
    },
  };
}

function toAlert(row: RecordRow, proof: string, publicUrl: string): DeliverableAlert {
  const record = exactJson(row.record) as JsonObject;
  return {
    id: String(record.id),
    log: row.log,
    index: row.idx,
    leaf: row.leaf.toString('base64'),
    t: row.t,
    record,
    proof,
    link: alertLink(publicUrl, row.idx),
  };
}
