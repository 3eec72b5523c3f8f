/**
 * `hook`: a hook command of Claude Code where the script cannot be named by its path. Whatever
 * happens, it prints nothing and ends with 0: a hook must not be in the agent's way.
 */
import { pathToFileURL } from 'node:url';
import { type Register, withExample } from './context.ts';

export const addHook: Register = (program) => {
  const command = program
    .command('hook')
    .description(
      'hand a hook of Claude Code from standard input to Vitrine; always silent, always 0',
    )
    .action(async () => {
      const { HOOK_SCRIPT } = await import('@vitrine/shim');
      await import(pathToFileURL(HOOK_SCRIPT).href);
    });
  withExample(command, 'hook < hook.json');
};
