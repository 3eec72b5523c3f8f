/** What this machine lacks for a complete session, and which rows are missing because of it. */
import { detectMachine, type Machine } from '@vitrine/shim';
import { APT_LINE } from '../system/doctor.ts';

export interface Tools {
  /** False where no sandbox can be made: then the agent runs without one. */
  sandbox: boolean;
  /** Sentences, one for each thing that is missing. */
  lacking: string[];
  fix: string | undefined;
}

const ABSENT_ROWS: Record<string, string> = {
  strace: 'these rows will be absent: process.*, file.*, net.connect, syscall',
  sandbox: 'no row will be absent, but the scripted agent runs without a sandbox',
};

export function examineTools(machine: Machine = detectMachine()): Tools {
  return {
    sandbox: machine.bwrap,
    lacking: machine.absent.map(({ source, reason }) => `${reason}; ${ABSENT_ROWS[source] ?? ''}`),
    fix: machine.install === '' ? undefined : APT_LINE,
  };
}
