/**
 * Chains and sessions again: every link, and what `sup` says of its session's chains. Owns the tips
 * of the chains that may still grow, which the seals' heads commit to (LOG.md §2, §3).
 */
import { type Head, HeadsLedger, ZERO_HASH } from '@vitrine/chain';
import { type JsonObject, readPath } from '@vitrine/schema';
import type { Stretch } from './certificate.ts';
import type { Findings } from './report.ts';

interface Chain extends Head {
  first: Buffer;
  session: string;
  ended: boolean;
}

interface Session {
  chains: Map<string, Chain>;
  /** Of each chain that was joined: the leaf its `join` names. */
  joined: Map<string, { index: number; first: string }>;
}

const SUPERVISOR = 'sup';
const OWN = 'log';
const ZERO_TEXT = ZERO_HASH.toString('base64');

export class ChainReplay {
  readonly #findings: Findings;
  readonly #sessions = new Map<string, Session>();
  readonly #closed = new Set<string>();
  readonly #heads = new HeadsLedger();
  /** Chains of which this batch has a record, by their last one. */
  #brought = new Map<string, Head>();
  /** Seen in this batch, judged at its end: within a batch, chains come in order of their names. */
  #begun: { index: number; chain: Chain }[] = [];
  #closing: { index: number; session: string }[] = [];
  #ends: { index: number; session: string; target: JsonObject }[] = [];

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Where the next record of a chain must stand. */
  place(session: string, shim: string): { chain: string; seq: number; prev: Buffer } {
    const name = `${session}/${shim}`;
    const chain = this.#sessions.get(session)?.chains.get(name);
    return { chain: name, seq: (chain?.seq ?? -1) + 1, prev: chain?.head ?? ZERO_HASH };
  }

  /** Moves a chain's tip, also to a record that does not link: each break is said once. */
  take(index: number, session: string, shim: string, record: JsonObject, leaf: Buffer): void {
    const name = `${session}/${shim}`;
    if (this.#closed.has(session)) {
      this.#findings.add('records', index, 'session', 'nothing after close', name);
    }
    const chains = this.#session(session).chains;
    const known = chains.get(name);
    const seq = Number(record.seq);
    this.#brought.set(name, { chain: name, head: leaf, seq });
    if (known === undefined) {
      const chain = { chain: name, session, head: leaf, seq, first: leaf, ended: false };
      chains.set(name, chain);
      this.#begun.push({ index, chain });
    } else {
      if (known.ended) this.#findings.add('records', index, 'seq', 'nothing after end', name);
      known.head = leaf;
      known.seq = seq;
    }
    if (shim === SUPERVISOR && session !== OWN) this.#supervise(index, session, seq, record);
  }

  /** Whether all these records of one chain are what comes next in it. */
  continues({ session, shim, seq, prev }: Stretch): boolean {
    if (this.#closed.has(session)) return false;
    const known = this.#sessions.get(session)?.chains.get(`${session}/${shim}`);
    if (known === undefined) return seq === 0 && prev === ZERO_TEXT;
    return !known.ended && seq === known.seq + 1 && prev === known.head.toString('base64');
  }

  /** Moves a chain's tip over records that `continues` has let pass, but for those of `sup`. */
  pass({ session, shim, index, lastSeq }: Stretch, first: Buffer, last: Buffer): void {
    const name = `${session}/${shim}`;
    const { chains } = this.#session(session);
    const known = chains.get(name);
    this.#brought.set(name, { chain: name, head: last, seq: lastSeq });
    if (known === undefined) {
      const chain = { chain: name, session, head: last, seq: lastSeq, first, ended: false };
      chains.set(name, chain);
      this.#begun.push({ index, chain });
    } else {
      known.head = last;
      known.seq = lastSeq;
    }
  }

  /** The batch is over: judges what it began, ended and closed; gives the chains it brought. */
  finish(): Iterable<Head> {
    for (const begun of this.#begun) this.#judgeBegun(begun);
    for (const end of this.#ends) this.#judgeEnd(end);
    for (const close of this.#closing) this.#judgeClose(close);
    this.#begun = [];
    this.#ends = [];
    this.#closing = [];
    const brought = this.#brought.values();
    this.#brought = new Map();
    return brought;
  }

  /** The heads tree of the log as it stands: of open sessions, and of the log's own chains. */
  heads(): { root: Buffer; size: number } {
    const heads = [...this.#sessions.values()].flatMap(({ chains }) => [...chains.values()]);
    return this.#heads.update(heads);
  }

  #session(name: string): Session {
    let session = this.#sessions.get(name);
    if (session === undefined) {
      session = { chains: new Map(), joined: new Map() };
      this.#sessions.set(name, session);
    }
    return session;
  }

  #supervise(index: number, session: string, seq: number, record: JsonObject): void {
    const { kind } = record;
    const isFirst = seq === 0;
    if ((kind === 'open') !== isFirst) {
      const expected = isFirst ? 'open' : 'one open, at seq 0';
      this.#findings.add('records', index, 'kind', expected, kind);
    }
    const chain = readPath(record, 'target.chain');
    if (kind === 'join') {
      const first = String(readPath(record, 'target.first'));
      const { joined } = this.#session(session);
      if (joined.has(String(chain))) {
        this.#findings.add('records', index, 'target', 'one join for each chain', chain);
      }
      joined.set(String(chain), { index, first });
    }
    if (kind === 'end') {
      this.#ends.push({ index, session, target: (record.target ?? {}) as JsonObject });
    }
    if (kind === 'close') this.#closing.push({ index, session });
  }

  #judgeBegun({ index, chain }: { index: number; chain: Chain }): void {
    const { session, chain: name, first } = chain;
    if (session === OWN || name === `${session}/${SUPERVISOR}`) return;
    const join = this.#session(session).joined.get(name);
    if (join === undefined) {
      this.#findings.add('records', index, 'join', `a join of ${name}`, 'none');
    } else if (join.first !== first.toString('base64')) {
      this.#findings.add('records', join.index, 'target.first', first, join.first);
    }
  }

  #judgeEnd(end: { index: number; session: string; target: JsonObject }): void {
    const { index, session, target } = end;
    const known = this.#session(session).chains.get(String(target.chain));
    if (known === undefined) {
      this.#findings.add('records', index, 'target.chain', 'a chain of this session', target.chain);
      return;
    }
    const expected = `${known.seq} ${known.head.toString('base64')}`;
    const found = `${target.seq} ${target.head}`;
    if (expected !== found) this.#findings.add('records', index, 'target', expected, found);
    known.ended = true;
  }

  #judgeClose({ index, session }: { index: number; session: string }): void {
    const { chains, joined } = this.#session(session);
    for (const name of joined.keys()) {
      if (chains.get(name)?.ended !== true) {
        this.#findings.add('records', index, 'kind', `an end of ${name} before close`, 'none');
      }
    }
    this.#sessions.delete(session);
    this.#closed.add(session);
  }
}
