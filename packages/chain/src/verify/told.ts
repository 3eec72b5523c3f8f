/** Keeps of a record what a later step asks, and lets the rest go. */
import { isObject, type Json, type JsonObject } from '@vitrine/schema/record';
import type { Told } from './case.ts';

const OWN_SESSION = 'log';
const SUPERVISOR = 'sup';

/** `undefined` for records that anybody else than the sequencer may have written. */
export function toldBy(
  record: JsonObject & { session: string; shim: string; seq: number; kind: string },
): Told | undefined {
  const { session, shim, seq, kind, state, reason, target, runs } = record;
  if (session !== OWN_SESSION && shim !== SUPERVISOR) return undefined;
  const told: Told = { seq, kind, state, reason };
  if (isObject(target)) told.target = target;
  if (session === OWN_SESSION && kind === 'admit') told.runs = runsOf(runs);
  return told;
}

function runsOf(runs: Json | undefined): { chain: string; last: number }[] {
  if (!Array.isArray(runs)) return [];
  return runs.flatMap((run) => {
    if (!isObject(run) || typeof run.chain !== 'string') return [];
    return typeof run.last === 'number' ? [{ chain: run.chain, last: run.last }] : [];
  });
}
