/** Bundles: what an auditor takes away. Each export is a record in the log. */
import { ChainError, parseCheckpointNote } from '@vitrine/chain';
import { may } from '../../access/may.ts';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';
import { Prover } from '../prove/prover.ts';
import type { Kept } from '../prove/tree.ts';
import { leafOf } from './events.ts';

export const evidenceRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/sessions/:session/bundle',
    summary: 'The evidence of one session, to verify offline; parts=0 leaves content out.',
    async handle(context) {
      const session = context.params.session!;
      context.may('evidence.export', session);
      const withParts = partsFor(context);
      const bundle = await proverOf(context).session(session, withParts);
      await context.record('evidence.export', session, { with_parts: withParts });
      sendBundle(context, session, bundle);
    },
  },
  {
    method: 'GET',
    path: '/v1/sessions/:session/chains/:shim/bundle',
    summary: 'The records first= to last= of one chain, to verify offline; parts=0 as above.',
    async handle(context) {
      const { session, shim } = context.params as { session: string; shim: string };
      context.may('evidence.export', `${session}/${shim}`);
      const [first, last] = [needed(context, 'first'), needed(context, 'last')];
      if (last < first) throw new ApiError('BAD_REQUEST', 'last must not be below first');
      const withParts = partsFor(context);
      const prover = proverOf(context);
      const bundle = await prover.range({ session, shim }, { first, last }, withParts);
      const what = { first, last, with_parts: withParts };
      await context.record('evidence.export', `${session}/${shim}`, what);
      sendBundle(context, `${session}-${shim}-${first}-${last}`, bundle);
    },
  },
  {
    method: 'GET',
    path: '/v1/sessions/:session/absence/bundle',
    summary: 'Proof that no such session is open; with day=, that it has no record of that day.',
    async handle(context) {
      const session = nameOf(context);
      context.may('evidence.export', session);
      const day = dayIn(context);
      const prover = proverOf(context);
      const bundle = await (day === undefined
        ? prover.absent(session)
        : prover.inactive(session, day));
      const what = { claim: day === undefined ? 'absent' : 'inactive', day: day ?? '' };
      await context.record('evidence.export', session, what);
      sendBundle(context, `no-${session}${day === undefined ? '' : `-${day}`}`, bundle);
    },
  },
  {
    method: 'GET',
    path: '/v1/events/:log/:index/bundle',
    summary: 'The evidence of one leaf, to verify offline.',
    async handle(context) {
      const { log, index } = context.params;
      context.may('evidence.export', `${log}/${index}`);
      const row = await leafOf(context);
      const bundle = await proverOf(context).event(row);
      await context.record('evidence.export', `${log}/${index}`);
      sendBundle(context, `${log}-${index}`, bundle);
    },
  },
];

const NAME = /^[A-Za-z0-9._:-]{1,128}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** A session that need not be known. */
function nameOf({ params }: Context): string {
  const session = params.session!;
  if (NAME.test(session)) return session;
  throw new ApiError('BAD_REQUEST', `${session} is not the name of a session`);
}

function needed(context: Context, name: string): number {
  const value = context.integer(name, 0, Number.MAX_SAFE_INTEGER);
  if (value === undefined) throw new ApiError('BAD_REQUEST', `${name} is missing`);
  return value;
}

function dayIn(context: Context): string | undefined {
  const day = context.query('day');
  if (day === undefined) return undefined;
  const date = DAY.test(day) ? new Date(`${day}T00:00:00Z`) : new Date(Number.NaN);
  const known = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
  if (known) return day;
  throw new ApiError('BAD_REQUEST', `day is a date such as 2026-11-22, not ${day}`);
}

/** Content goes only to who may read it; what is left out is no error. */
function partsFor(context: Context): boolean {
  const { principal, system } = context;
  const { tenant } = system.config;
  if (context.query('parts') === '0' || principal === null) return false;
  return may(principal, 'part.read', { tenant });
}

function proverOf(context: Context): Prover {
  const { store, identity, evidence } = context.system;
  const tree = evidence();
  if (tree === null) throw new ApiError('NOT_READY', 'the log has no seal with heads yet');
  return new Prover(store, identity.log, tree, keptBy(context));
}

/** `from`: the note of a checkpoint that the auditor has kept, to prove that the log only grew. */
function keptBy(context: Context): Kept | undefined {
  const note = context.query('from');
  if (note === undefined) return undefined;
  const checkpoint = readNote(note);
  const { origin } = context.system.identity;
  if (checkpoint.origin !== origin || checkpoint.size === 0) {
    const message = `from is no checkpoint of ${origin} but one of ${checkpoint.origin}`;
    throw new ApiError('BAD_REQUEST', message, 'a pin proves nothing about another log');
  }
  const { size } = context.asked;
  if (checkpoint.size > size) {
    const message = `from is of ${checkpoint.size} leaves, and the log has ${size}`;
    throw new ApiError('PIN_AHEAD', message);
  }
  return { note, checkpoint };
}

function readNote(note: string): Kept['checkpoint'] {
  try {
    return parseCheckpointNote(note);
  } catch (cause) {
    if (!(cause instanceof ChainError)) throw cause;
    const hint = 'from is the text of a signed checkpoint: the note of a pin';
    throw new ApiError('BAD_REQUEST', `from: ${cause.message}`, hint, { cause });
  }
}

function sendBundle(context: Context, name: string, bundle: Buffer): void {
  const file = `${name.replace(/[^A-Za-z0-9._-]/g, '_')}.vitrine.json`;
  context.send(200, 'application/json', bundle, {
    'content-disposition': `attachment; filename="${file}"`,
  });
}
