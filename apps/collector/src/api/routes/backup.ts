/**
 * What a backup is made of, as lines: records, parts and checkpoints of published leaves. Only the
 * log's; files of the data directory are copied by whoever may read them there.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type CheckpointNote,
  isTrustedNote,
  parseCheckpointNote,
  parseTrust,
} from '@vitrine/chain';
import { isObject } from '@vitrine/schema';
import type { BackupHeld, BackupSubject } from '@vitrine/schema/api';
import { type BackupTable, TABLES } from '@vitrine/store';
import type { Route } from '../context.ts';
import { ApiError } from '../errors.ts';

/** A busy log is backed up as far as it is. */
const BACKUP_WAIT_MS_MAX = 5_000;

export const backupRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/backup',
    summary: 'The log and the checkpoint that a backup is made of; says in the log who took it.',
    async handle(context) {
      context.may('log.backup');
      const { identity, published, caughtUp } = context.system;
      const { log, origin, tenant, trust } = identity;
      await context.record('log.backup', log);
      // The backup says itself that it was taken.
      await caughtUp(BACKUP_WAIT_MS_MAX);
      const note = published();
      if (note === null) throw new ApiError('NOT_READY', 'the log has no checkpoint yet');
      context.json<BackupSubject>({ log, origin, tenant, note: note.note, trust });
    },
  },
  {
    method: 'POST',
    path: '/v1/backup',
    summary: 'Say that a verified backup holds the tree of a checkpoint: {note}.',
    async handle(context) {
      context.may('log.backup');
      const { identity, hold, published } = context.system;
      const body = await context.body();
      const text = isObject(body) && typeof body.note === 'string' ? body.note : '';
      const note = noteOf(text);
      const known =
        note?.origin === identity.origin && isTrustedNote(note, parseTrust(identity.trust));
      if (note === undefined || !known) {
        throw new ApiError('BAD_REQUEST', 'note is no checkpoint of this log');
      }
      if (note.size > (published()?.size ?? 0)) {
        throw new ApiError('PIN_AHEAD', 'the backup holds a larger tree than this log has');
      }
      hold.take(note.size);
      context.json<BackupHeld>({ held: note.size });
    },
  },
  {
    method: 'GET',
    path: '/v1/backup/:table',
    summary: 'Lines about leaves first to end - 1: records, parts, or notes (checkpoints).',
    async handle(context) {
      context.may('log.backup');
      const { store, identity, published } = context.system;
      const table = TABLES.find((name) => name === context.params.table);
      if (table === undefined) throw new ApiError('NOT_FOUND', 'there is no such table');
      const size = published()?.size ?? 0;
      const end = context.integer('end', 0, size) ?? size;
      const first = context.integer('first', 0, end) ?? 0;
      const response = context.stream('text/plain; charset=utf-8');
      async function* pieces(table: BackupTable): AsyncGenerator<string> {
        for await (const lines of store.backup.lines(table, identity.log, first, end)) {
          if (lines.length > 0) yield `${lines.join('\n')}\n`;
        }
      }
      try {
        await pipeline(Readable.from(pieces(table)), response);
      } catch (error) {
        // The answer has begun: that it does not end is all its reader can be told.
        const { log } = context.system;
        log(`backup: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  },
];

function noteOf(text: string): CheckpointNote | undefined {
  try {
    return parseCheckpointNote(text);
  } catch {
    return undefined;
  }
}
