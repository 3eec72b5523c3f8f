/**
 * Redaction: the record that says so is sealed first, then the part and its salt are deleted. An
 * answer means that the store has them no more; `until` says when the last copy of ours is gone.
 */
import {
  isObject,
  REDACT_REASON_CHARS_MAX,
  REDACT_TARGETS_MAX,
  REDACT_WAIT_MS_MAX,
} from '@vitrine/schema';
import type { RedactionAnswer } from '@vitrine/schema/api';
import { type CommittedPart, Coverage, type RecordRow } from '@vitrine/store';
import { announce } from '../../redact/announce.ts';
import { announcedKey } from '../../redact/redactor.ts';
import { chainName } from '../../sequence/state.ts';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';
import { within } from '../within.ts';
import { leafNamed } from './events.ts';

export const redactionRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v1/redactions',
    summary:
      'Delete a part and say so in the log: {log, index, part, reason} or {session, part, reason}.',
    async handle(context) {
      context.may('part.redact');
      const asked = askedFor(await context.body());
      const named = await partsNamed(context, asked);
      const parts = await notYetGone(context, asked, named);
      if (parts.length === 0) {
        const message = `${named.length === 1 ? 'the part is' : 'the parts are'} gone already`;
        throw new ApiError('PART_REDACTED', message, 'nothing was written; the log says by whom');
      }
      const { status, answer } = await redact(context, parts, asked.reason);
      context.json<RedactionAnswer>(answer, status);
    },
  },
];

interface Asked {
  of: { log: string; index: string } | { session: string };
  part: string;
  reason: string;
}

/** What to redact, checked for its form. */
function askedFor(body: unknown): Asked {
  const given = isObject(body) ? body : {};
  const { session, log, index, part, reason, ...others } = given;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw new ApiError('BAD_REQUEST', `no member is named ${unknown}`);
  if (typeof part !== 'string' || part === '') throw new ApiError('BAD_REQUEST', 'part is missing');
  const length = typeof reason === 'string' ? [...reason.trim()].length : 0;
  if (typeof reason !== 'string' || length === 0 || !reason.isWellFormed()) {
    throw new ApiError('BAD_REQUEST', 'a redaction needs a reason: it stays in the log');
  }
  if (length > REDACT_REASON_CHARS_MAX) {
    const message = `reason has ${length} characters, ${REDACT_REASON_CHARS_MAX} at most`;
    throw new ApiError('BAD_REQUEST', message);
  }
  const said = { part, reason: reason.trim() };
  if (typeof session === 'string' && log === undefined && index === undefined) {
    return { of: { session }, ...said };
  }
  if (session === undefined && typeof log === 'string' && Number.isInteger(index)) {
    return { of: { log, index: String(index) }, ...said };
  }
  throw new ApiError('BAD_REQUEST', 'give log and index of one record, or session');
}

/** The parts meant, as records of the published log commit to them. */
async function partsNamed(context: Context, { of, part }: Asked): Promise<CommittedPart[]> {
  const { store, identity, published } = context.system;
  const size = published()?.size ?? 0;
  if ('log' in of) {
    const row = await leafNamed(context.system, of.log, of.index);
    return partsOfRow(row, part);
  }
  const { session } = of;
  const limit = REDACT_TARGETS_MAX + 1;
  const parts = await store.erasure.committed(identity.log, size, { session, part, limit });
  if (parts.length === 0) {
    throw new ApiError('NOT_FOUND', `session ${session} has no record with a part ${part}`);
  }
  if (parts.length > REDACT_TARGETS_MAX) {
    const message = `session ${session} has more than ${REDACT_TARGETS_MAX} such parts`;
    throw new ApiError('TOO_LARGE', message, 'redact one name of part at a time, or by event');
  }
  return parts;
}

function partsOfRow(row: RecordRow, part: string): CommittedPart[] {
  const { parts } = JSON.parse(row.record);
  const names = isObject(parts) ? Object.keys(parts) : [];
  const wanted = part === '*' ? names : names.filter((name) => name === part);
  if (wanted.length === 0 || row.seq === null) {
    const hint = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    throw new ApiError('NOT_FOUND', `${row.log}/${row.idx} has no part ${part}`, hint);
  }
  const place = { idx: row.idx, chain: chainName(row.session, row.shim), seq: row.seq };
  return wanted.map((name) => ({ ...place, part: name }));
}

async function notYetGone(
  context: Context,
  { of }: Asked,
  parts: CommittedPart[],
): Promise<CommittedPart[]> {
  const { store, identity, published } = context.system;
  const session = 'session' in of ? of.session : parts[0]!.chain.split('/')[0]!;
  const size = published()?.size ?? 0;
  const coverage = new Coverage(await store.erasure.announced(identity.log, size, { session }));
  return parts.filter(({ idx, chain, seq, part }) => {
    return coverage.of(idx, chain, seq, part) === undefined;
  });
}

async function redact(
  context: Context,
  parts: CommittedPart[],
  reason: string,
): Promise<{ status: number; answer: RedactionAnswer }> {
  const { redactor, identity } = context.system;
  const targets = parts.map(({ chain, seq, part }) => ({ chain, seq, part }));
  const { id, role } = context.principal!;
  const expectation = redactor.expect(targets.map(announcedKey));
  try {
    const until = await announce(context.system, targets, { by: { token: id, role }, reason });
    const found = await within(expectation.done, REDACT_WAIT_MS_MAX);
    const at = new Map((found ?? []).map((one) => [announcedKey(one), one.idx]));
    const items = parts.map(({ idx, chain, seq, part }) => {
      const said = at.get(announcedKey({ chain, seq, part })) ?? null;
      return { log: identity.log, index: idx, chain, seq, part, redacted_by: said };
    });
    const state = found === undefined ? 'announced' : 'deleted';
    return { status: found === undefined ? 202 : 201, answer: { state, until, items } };
  } finally {
    expectation.end();
  }
}
