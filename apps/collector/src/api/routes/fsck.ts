/** The check of everything that is stored. */
import type { FsckLine } from '@vitrine/schema/api';
import { fsck, fsckFast } from '@vitrine/store';
import type { Route } from '../context.ts';
import { ApiError } from '../errors.ts';

export const fsckRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v1/fsck',
    summary:
      'Derive everything again from the records and name what differs; fast=1: inside the engine.',
    async handle(context) {
      context.may('log.check');
      const { store, identity, published } = context.system;
      const note = published();
      if (note === null) throw new ApiError('NOT_READY', 'the log has no checkpoint yet');
      const { log, origin, trust } = identity;
      const response = context.stream('application/x-ndjson');
      const line = (value: FsckLine): unknown => response.write(`${JSON.stringify(value)}\n`);
      try {
        const size = (): number => published()?.size ?? 0;
        const subject = { log, origin, trust, note: note.note, published: size };
        const check = context.query('fast') === '1' ? fsckFast : fsck;
        const report = await check(store, subject, {
          onProgress: (progress) => line({ progress }),
        });
        line({ report });
      } catch (error) {
        context.system.log(`fsck: ${error instanceof Error ? error.stack : String(error)}`);
        line({ error: new ApiError('INTERNAL', 'the check could not be finished') });
      }
      response.end();
    },
  },
];
