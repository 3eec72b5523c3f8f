/**
 * On which host each session runs, as its `open` says: the runtime's word, never a payload's. Kept
 * for sessions that were asked for lately; `open` never changes.
 */
import { API_HOSTS_MAX, isObject, type Json, type JsonObject } from '@vitrine/schema';
import type { RecordRow, Store } from '@vitrine/store';
import { type LogState, OWN_SESSION } from '../sequence/state.ts';

export interface RowHost {
  /** Name of the host, or null where nobody told it. */
  host: string | null;
  /** What its EDR calls it. */
  device: string | null;
  /** Everything `open` says of it. */
  identity: JsonObject | null;
}

type Row = Pick<RecordRow, 'session' | 'subject'>;
type Asked = { store: Pick<Store, 'supervision'>; log: string; size: number };

export type HostOf = (row: Row) => RowHost;

export const NO_HOST: RowHost = { host: null, device: null, identity: null };

export class Hosts {
  readonly #state: Pick<LogState, 'sessions'>;
  /** In order of use. */
  readonly #known = new Map<string, RowHost>();

  constructor(state: Pick<LogState, 'sessions'>) {
    this.#state = state;
  }

  /** Asks the store about the sessions that are not known yet. Rejects with StoreError. */
  async learn({ store, log, size }: Asked, rows: readonly Row[]): Promise<void> {
    const names = new Set(rows.map(sessionOf).filter((name) => name !== '' && !this.#find(name)));
    if (names.size === 0) return;
    for (const { session, kind, record } of await store.supervision(log, size, [...names])) {
      if (kind === 'open') this.#keep(session, hostOf(JSON.parse(record) as JsonObject));
    }
  }

  /** `NO_HOST` for the log's own rows, and for sessions that `learn` was not asked about. */
  of(row: Row): RowHost {
    return this.#find(sessionOf(row)) ?? NO_HOST;
  }

  #find(session: string): RowHost | undefined {
    const known = this.#known.get(session);
    if (known !== undefined) return this.#keep(session, known);
    const open = this.#state.sessions.get(session);
    return open === undefined ? undefined : this.#keep(session, hostOf(open.opened));
  }

  #keep(session: string, host: RowHost): RowHost {
    this.#known.delete(session);
    this.#known.set(session, host);
    if (this.#known.size > API_HOSTS_MAX) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    return host;
  }
}

/** What an alert is about, of the log's own rows; seals and the like are about none. */
function sessionOf({ session, subject }: Row): string {
  return session === OWN_SESSION ? subject : session;
}

function hostOf({ host }: JsonObject): RowHost {
  if (!isObject(host)) return NO_HOST;
  const device = isObject(host.edr) ? host.edr.device_id : undefined;
  return { host: textOf(host.name), device: textOf(device), identity: host };
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
