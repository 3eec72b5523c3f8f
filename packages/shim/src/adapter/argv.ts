/**
 * The arguments of a program that was started, as members of its event. They are content and so a
 * part; in the clear stands what git was asked to do: its command and the names of its options.
 */
import { posix } from 'node:path';
import type { AttributeValue, Scrubber } from '@vitrine/schema';
import { partAttribute } from '../send/event.ts';

/** Options before git's command whose value is an argument of its own (git(1)). */
const VALUED = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--config-env',
  '--super-prefix',
  '--attr-source',
]);
const COMMAND = /^[a-z][a-z0-9-]{0,31}$/;
/** The name alone: of `--author=A` and `-SA` what is sought is left out. */
const OPTION = /^(?:--[a-z][a-z0-9-]{0,31}|-[A-Za-z])/;
const OPTIONS_MAX = 16;

/** `program`: the path that was executed; its first argument is whatever the caller made it. */
export function argvAttributes(
  program: string | undefined,
  argv: readonly string[],
  scrubber: Scrubber,
): Record<string, AttributeValue> {
  const isGit = posix.basename(program ?? '') === 'git';
  return {
    'process.argc': argv.length,
    [partAttribute('argv')]: JSON.stringify(scrubber.argv([...argv])),
    ...(isGit ? gitWords(argv.slice(1)) : {}),
  };
}

function gitWords(words: readonly string[]): Record<string, AttributeValue> {
  let at = 0;
  while (words[at]?.startsWith('-')) at += VALUED.has(words[at]!) ? 2 : 1;
  const command = words[at];
  if (command === undefined || !COMMAND.test(command)) return {};
  const rest = words.slice(at + 1);
  const end = rest.indexOf('--');
  const named = (end < 0 ? rest : rest.slice(0, end)).flatMap((word) => OPTION.exec(word) ?? []);
  const options = [...new Set(named)].slice(0, OPTIONS_MAX);
  const attributes: Record<string, AttributeValue> = { 'process.git.command': command };
  if (options.length > 0) attributes['process.git.options'] = options;
  return attributes;
}
