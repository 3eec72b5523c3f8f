/**
 * What a test needs of the machine. Without it the test is skipped and says why; where
 * `VITRINE_REQUIRE=all` is set, a test that cannot run is a failure.
 */
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/** Whether the test can go on; `false` after it has been skipped. */
export function isGiven(t: TestContext, given: boolean, without: string): boolean {
  if (given) return true;
  if (process.env.VITRINE_REQUIRE === 'all') throw new Error(`cannot run: ${without}`);
  t.skip(without);
  return false;
}

/** Whether a command ends well. */
export function works(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
