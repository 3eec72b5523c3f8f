/**
 * Admits one request of a source without a relay: checked whole, then durable, then answered.
 * Identity comes from the token, time from the host clock, never from the payload.
 */
import { createHash } from 'node:crypto';
import { decodeExport, hookEvent, type Signal } from '@vitrine/schema';
import { keepDecoded } from '../queue/decoded.ts';
import type { PushEntry } from '../queue/entry.ts';
import type { Journal } from '../queue/journal.ts';
import type { Clock } from '../sequence/sequencer.ts';
import type { Repeats } from './repeats.ts';

export interface PushRequest {
  principal: string;
  peer: string;
  signal: Signal;
  contentType: 'protobuf' | 'json';
  /** After decompression. */
  body: Buffer;
}

export interface PushTarget {
  journal: Journal;
  repeats: Repeats;
  clock: Clock;
}

const NS_PER_MS = 1_000_000n;

/** Durable when it resolves, with how many records. Throws SchemaError for what is no OTLP. */
export async function admitPush(target: PushTarget, request: PushRequest): Promise<number> {
  const { principal, peer, signal, contentType, body } = request;
  await target.journal.turnstile.pass(principal);
  target.journal.assertRoom({ kind: 'push', principal }, body.length);
  const exported = decodeExport(signal, contentType, body, { direct: true });
  if (exported.count === 0) return 0;
  const hash = createHash('sha256').update(signal).update(body).digest('hex');
  const nowNs = target.clock.nowNs();
  const observed = String(nowNs);
  const nowMs = Number(nowNs / NS_PER_MS);
  const from = { principal, signal, contentType, observed, peer };
  const entry: PushEntry = { kind: 'push', ...from, hash, body };
  await target.repeats.once(principal, hash, nowMs, () => {
    keepDecoded(entry, exported, target.journal.bytes);
    return target.journal.append(entry);
  });
  return exported.count;
}

/**
 * One hook of Claude Code. Durable when it resolves, with 1; throws HOOK_MALFORMED or
 * HOOK_TOO_LARGE. Never taken for a repeat: hooks are sent once, and two that say the same are two.
 */
export async function admitHook(
  { journal, clock }: Pick<PushTarget, 'journal' | 'clock'>,
  { principal, peer, body }: Pick<PushRequest, 'principal' | 'peer' | 'body'>,
): Promise<number> {
  hookEvent(body);
  await journal.append({
    kind: 'push',
    principal,
    signal: 'hook',
    contentType: 'json',
    observed: String(clock.nowNs()),
    peer,
    hash: createHash('sha256').update(body).digest('hex'),
    body,
  });
  return 1;
}
