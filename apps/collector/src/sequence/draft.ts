/**
 * One batch while it is being filled: records get their place in their chain here, and their place
 * in the tree when the batch is laid out. Moves the tips of `LogState`; a filled draft must be
 * committed.
 */
import { type MadeRecord, makeRecord, ZERO_HASH } from '@vitrine/chain';
import {
  alertSubject,
  type EventColumns,
  eventColumns,
  type JsonObject,
  type MembersText,
  type RecordColumns,
  timeColumn,
  type Vantage,
} from '@vitrine/schema';
import type { QueuedPart } from '../queue/entry.ts';
import {
  chainName,
  type LogState,
  type OpenSession,
  OWN_SESSION,
  SUPERVISOR_SHIM,
  type Tip,
} from './state.ts';

/** What the connection said about a record: the members of an admit run (LOG.md §2). */
export interface Provenance {
  sandbox: string;
  via: string;
  vantage: Vantage;
  peer: string;
  observed: string;
}

export interface DraftRecord {
  session: string;
  shim: string;
  seq: number;
  bytes: Buffer;
  leaf: Buffer;
  parts: QueuedPart[];
  provenance: Provenance | null;
  /** Of what was made here; absent where they have to be read from the bytes. */
  columns?: RecordColumns;
  /** Beside the columns: of an alert. */
  subject?: string;
}

export interface EventBody {
  kind: string;
  t: string;
  /** All members, where there is no `text`. */
  fields: JsonObject;
  parts?: Record<string, Uint8Array>;
  text?: MembersText;
  /** Beside a text. */
  columns?: EventColumns;
}

export class BatchDraft {
  /** By chain, in the order of their `seq`. */
  readonly chains = new Map<string, DraftRecord[]>();
  readonly state: LogState;
  readonly #salt: (name: string) => Buffer;
  #count = 0;

  constructor(state: LogState, salt: (name: string) => Buffer) {
    this.state = state;
    this.#salt = salt;
  }

  /** How many records there are. */
  get count(): number {
    return this.#count;
  }

  tip(session: string, shim: string): Tip {
    const chain = chainName(session, shim);
    return this.state.tips.get(chain) ?? { session, shim, seq: -1, head: ZERO_HASH };
  }

  /** Makes the next record of a chain that the sequencer itself writes. */
  make(session: string, shim: string, event: EventBody, provenance: Provenance | null): MadeRecord {
    const tip = this.tip(session, shim);
    const place = { session, shim, seq: tip.seq + 1, prev: tip.head, prevText: tip.headText };
    const made = makeRecord(event, place, this.#salt);
    const { bytes, leaf, leafText, seq, parts } = made;
    const { kind, t, fields } = event;
    let { columns: own } = event;
    let subject = '';
    if (own === undefined) {
      // At once: strings of their own are less to keep than all that they are derived from.
      own = eventColumns(fields, kind);
      if (session === OWN_SESSION) subject = alertSubject({ ...fields, kind });
    }
    const { agent, severity, title } = own;
    const columns = { session, shim, seq, kind, t: timeColumn(t), agent, severity, title };
    const row = { session, shim, seq, bytes, leaf, parts, provenance, columns, subject };
    this.put(row, leafText);
    return made;
  }

  /** Takes a record that has been made elsewhere and follows the chain's tip. */
  put(record: DraftRecord, headText?: string): void {
    const { session, shim, seq, leaf } = record;
    const chain = chainName(session, shim);
    const records = this.chains.get(chain);
    if (records === undefined) this.chains.set(chain, [record]);
    else records.push(record);
    this.#count++;
    this.state.tips.set(chain, { session, shim, seq, head: leaf, headText });
  }

  /** A record of `<session>/sup`; of `log/audit` when the session is not open (LOG.md §2). */
  supervise(session: string, kind: string, t: string, fields: JsonObject): void {
    if (this.state.sessions.has(session)) {
      this.make(session, SUPERVISOR_SHIM, { kind, t, fields }, null);
    } else {
      this.own('audit', kind, t, { subject: session, ...fields });
    }
  }

  own(
    shim: 'admit' | 'alert' | 'audit' | 'receipt',
    kind: string,
    t: string,
    fields: JsonObject,
    parts: Record<string, Uint8Array> = {},
  ): void {
    this.make(OWN_SESSION, shim, { kind, t, fields, parts }, null);
  }

  /** Announces a chain in `sup` before or beside its first record. */
  join(open: OpenSession, chain: string, first: Buffer, t: string): void {
    if (open.joined.has(chain)) return;
    open.joined.set(chain, { ended: false });
    const target = { chain, first: first.toString('base64') };
    this.make(open.session, SUPERVISOR_SHIM, { kind: 'join', t, fields: { target } }, null);
  }

  end(open: OpenSession, chain: string, ended: 'closed' | 'lost', reason: string, t: string): void {
    const joined = open.joined.get(chain);
    const tip = this.state.tips.get(chain);
    if (joined === undefined || joined.ended || tip === undefined) return;
    joined.ended = true;
    const target = { chain, seq: tip.seq, head: tip.head.toString('base64') };
    const fields = { target, state: ended, reason };
    this.make(open.session, SUPERVISOR_SHIM, { kind: 'end', t, fields }, null);
  }
}
