/** Processes, as a person reads them. */
import type { ProcessCounts, ProcessItem } from '@vitrine/schema/api';
import { durationText, msOf } from '../../lib/time.ts';

export const COUNTS: [name: keyof ProcessCounts, head: string, means: string][] = [
  ['reads', 'Read', 'files read'],
  ['writes', 'Written', 'files written, created, truncated'],
  ['deletes', 'Deleted', 'files deleted, or as good as deleted'],
  ['denied', 'Denied', 'calls on files that the kernel refused'],
  ['egress', 'Egress', 'connections, and requests that name the process'],
  ['alerts', 'Alerts', 'alerts that rest on an event of the process'],
];

/** The last part of the path, which is what one looks for. */
export function programText({ exe }: ProcessItem): string {
  return exe === '' ? '(not seen to start)' : (exe.split('/').at(-1) ?? exe);
}

/** Its words behind the program, as far as the record has them. */
export function argvText({ argv, argc, argv_part: hasPart }: ProcessItem): string {
  if (argv.length > 0) {
    const more = (argc ?? argv.length) - argv.length;
    return argv.slice(1).join(' ') + (more > 0 ? ` … ${more} more` : '');
  }
  if (argc === null || argc < 2) return '';
  const words = `${argc - 1} ${argc === 2 ? 'word' : 'words'}`;
  return hasPart ? `${words}, kept in a part` : words;
}

export function exitText({ exit }: ProcessItem): string {
  if (exit === null) return '';
  if (exit.signal !== null) return exit.signal;
  return exit.code === null ? 'ended' : `exit ${exit.code}`;
}

export function isFailure({ exit }: ProcessItem): boolean {
  return exit !== null && (exit.signal !== null || (exit.code ?? 0) !== 0);
}

export function lifeText({ t, exit }: ProcessItem): string {
  return exit === null ? 'not seen to end' : durationText(msOf(exit.t) - msOf(t));
}
