/** The strace command line: which calls, and how they are printed. */
import { STRACE_STRING_CHARS } from '@vitrine/schema';
import { FILE_CALLS } from '../strace/file-call.ts';
import { NET_CALLS } from '../strace/net-call.ts';
import { PROCESS_CALLS } from '../strace/process-call.ts';

export interface TraceLayout {
  /** A FIFO that is read already. strace does not hand its end of it on to what it runs. */
  output: string;
  /**
   * `--seccomp-bpf`: about half the cost, but a program that installs a filter of its own can make
   * calls that are not seen. Off unless asked for.
   */
  fast: boolean;
  command: string[];
}

/**
 * Calls that this strace does not know, as other architectures and versions do not, are skipped.
 */
export function straceArguments({ output, fast, command }: TraceLayout): string[] {
  const calls = [...FILE_CALLS, ...NET_CALLS, ...PROCESS_CALLS].map((name) => `?${name}`);
  return [
    '-f',
    '-ttt',
    '-yy',
    ...['-s', String(STRACE_STRING_CHARS)],
    '--decode-pids=pidns',
    ...['-e', `trace=${calls.join(',')}`],
    ...['-e', 'signal=none'],
    ...['-e', 'quiet=attach,personality'],
    ...(fast ? ['--seccomp-bpf'] : []),
    ...['-o', output],
    '--',
    ...command,
  ];
}
