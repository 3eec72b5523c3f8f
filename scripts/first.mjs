/**
 * What every npm script of the root begins with, written for whatever Node is there: installs what
 * is missing, then runs the task under the packaged Node. `npm run demo` and `npm test` each work
 * as the first command on a fresh clone.
 */
import { tooOldMessage, usableNode } from '../apps/cli/bin/packaged-node.mjs';
import { install, missingPackages } from './install.mjs';
import { TASKS } from './tasks.mjs';

const [name, ...args] = process.argv.slice(2);

async function first() {
  const task = TASKS[name];
  if (task === undefined) {
    console.error(`error USAGE: there is no task ${name}`);
    console.error(`  hint: one of ${Object.keys(TASKS).join(', ')}`);
    return 2;
  }
  const missing = missingPackages();
  if (missing.length > 0 && !(await install(missing))) return 1;
  const node = usableNode();
  if (node === null) {
    console.error(tooOldMessage());
    return 1;
  }
  return task(node, args);
}

process.exitCode = await first();
