/**
 * Commands that documents and hints tell people to type: they exist, with the options they are
 * given. A hint that does not work is worse than none.
 */
import type { buildProgram } from '../../apps/cli/src/main.ts';
import type { Finding, SourceFile, Tree } from './tree.ts';

export type Command = ReturnType<typeof buildProgram>;

/** `vitrine NAME` and what follows, up to where a sentence goes on. */
const TYPED = /(?<!#)\bvitrine ([a-z][a-z-]*)([^`'"|;)]*)/g;

/** In documents: code spans and code blocks. In code: texts. Comments are for those who read it. */
export function commandMistakes(tree: Tree, program: Command): Finding[] {
  return tree.files
    .filter((file) => !file.isTest)
    .flatMap((file) =>
      typedIn(file).flatMap(({ text, line }) =>
        mistakesIn(program, text).map((says) => ({ path: file.path, line, says })),
      ),
    );
}

function mistakesIn(program: Command, text: string): string[] {
  return [...text.matchAll(TYPED)].flatMap(([, name, rest]) => {
    const command = program.commands.find((known) => known.name() === name);
    if (command === undefined) return [`there is no command ${name}`];
    const given = rest!.split(/ -- | #/)[0]!;
    const target = meantBy(command, given.trim().split(' '));
    const options = [...given.matchAll(/ (--[a-z][a-z-]*)/g)].map(([, option]) => option!);
    return options
      .filter((option) => option !== '--help' && !target.options.some((o) => o.long === option))
      .map((option) => `${target.name()} has no option ${option}`);
  });
}

/** The command that the first words name, as deep as they go. */
function meantBy(command: Command, [word, ...rest]: string[]): Command {
  const sub = command.commands.find((known) => known.name() === word);
  return sub === undefined ? command : meantBy(sub, rest);
}

function typedIn(file: SourceFile): { text: string; line: number }[] {
  if (file.path.endsWith('.md')) return codeIn(file);
  if (!file.isCode) return [];
  return file.nodes.flatMap((node) => {
    const line = file.lineOf(node.start);
    if (node.type === 'Literal' && typeof node.value === 'string') {
      return [{ text: node.value, line }];
    }
    if (node.type !== 'TemplateElement') return [];
    return [{ text: String((node.value as { cooked: unknown }).cooked), line }];
  });
}

function codeIn(page: SourceFile): { text: string; line: number }[] {
  let fenced = false;
  return page.lines.flatMap((text, i) => {
    if (/^\s*```/.test(text)) fenced = !fenced;
    if (fenced) return [{ text, line: i + 1 }];
    return [...text.matchAll(/`([^`]*)`/g)].map(([, span]) => ({ text: span!, line: i + 1 }));
  });
}
