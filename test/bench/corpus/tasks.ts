/**
 * What developers and their agents do all day: shell scripts (`scripts/`) that run in an empty
 * workspace without a network. `$REPO` is this repository, which the session may read, `$NODE` the
 * sandbox's Node.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface Task {
  name: string;
  script: string;
  /** A directory that is granted beside the workspace, by the option of `vitrine run`. */
  beside?: { option: '--ro' | '--rw-no-delete'; dir: string };
  /** May reach the stand-in for a provider, with a credential of its own. */
  provider?: boolean;
}

const SCRIPTS = new URL('scripts/', import.meta.url);
const ENDING = '.sh';
/** What a script needs beyond its workspace. */
const NEEDS: Record<string, Pick<Task, 'beside' | 'provider'>> = {
  reference: { beside: { option: '--ro', dir: 'reference' } },
  'archive-folder': { beside: { option: '--rw-no-delete', dir: 'archive' } },
  'provider-client': { provider: true },
};

export const TASKS: readonly Task[] = readdirSync(SCRIPTS)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => {
    const name = file.slice(0, -ENDING.length);
    return { name, script: readFileSync(new URL(file, SCRIPTS), 'utf8'), ...NEEDS[name] };
  });
