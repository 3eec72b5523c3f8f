/** What this machine lacks for a complete session, and which rows are missing because of it. */
import { APT_LINE, namespaceFinding } from '../system/doctor.ts';
import { findProgram } from '../system/machine.ts';

export interface Lacking {
  what: string;
  /** What will not be seen. */
  rows: string;
}

export interface Tools {
  /** False where no sandbox can be made: then the agent runs without one. */
  sandbox: boolean;
  lacking: Lacking[];
  fix: string;
}

export async function examineTools(): Promise<Tools> {
  const lacking: Lacking[] = [];
  if (findProgram('strace') === undefined) {
    const rows = 'process.*, file.* and net.connect, seen from outside the sandbox';
    lacking.push({ what: 'strace is not installed', rows });
  }
  const namespaces = await namespaceFinding();
  const sandbox = namespaces.state === 'ok';
  if (!sandbox) {
    const what =
      findProgram('bwrap') === undefined
        ? 'bwrap is not installed'
        : `bwrap cannot make a sandbox here (${namespaces.found})`;
    lacking.push({ what, rows: 'none, but nothing holds the agent in its directory' });
  }
  return { sandbox, lacking, fix: APT_LINE };
}
