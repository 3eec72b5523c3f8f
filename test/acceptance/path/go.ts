/** Programs in Go of `test/interop`: other people's libraries against a running system. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { works } from './requirement.ts';

/** Where Go's own installer puts it, for a shell that does not know. */
export const GO = ['go', '/usr/local/go/bin/go'].find((command) => works(command, 'version'));

/** Builds a program; says why it cannot. One that does not compile is a failure. */
export function buildGo(source: string, to: string): string {
  if (GO === undefined) return 'there is no Go here';
  const go = (...args: string[]) => spawnSync(GO, args, { cwd: source, encoding: 'utf8' });
  const fetched = go('mod', 'download');
  if (fetched.status !== 0) return 'the modules of the Go program cannot be fetched';
  const built = go('build', '-o', to, '.');
  assert.equal(built.status, 0, built.stderr);
  return '';
}
