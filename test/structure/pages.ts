/**
 * What the documents may claim: links lead somewhere, and the files, tests and npm scripts they
 * name exist.
 */
import { posix } from 'node:path';
import type { Finding, Rule, SourceFile, Tree } from './tree.ts';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const ELSEWHERE = /^[a-z][a-z0-9+.-]*:/i;

export const links: Rule = {
  name: 'relative links in documents resolve, headings included',
  check: (tree) =>
    pagesOf(tree).flatMap((page) =>
      proseLines(page).flatMap(({ text, line }) =>
        [...text.matchAll(LINK)].flatMap(([, target]) => brokenLink(tree, page, target!, line)),
      ),
    ),
  sabotage: [
    { 'docs/a.md': 'see [b](b.md)' },
    { 'docs/a.md': 'see [here](#nowhere)' },
    { 'docs/b.md': '# One', 'docs/a.md': 'see [b](./b.md#two)' },
    { 'README.md': 'see [a](docs/../nowhere/)' },
  ],
  sound: {
    'docs/a.md':
      '# The `log`, in short\n[b](b.md#one-two) [up](../README.md) [x](https://example.org)\n' +
      '[me](#the-log-in-short) [code](../packages/chain)\n```\n[not](a-link.md)\n```',
    'docs/b.md': '## One two',
    'README.md': '',
    'packages/chain/src/a.ts': '',
  },
};

/** A code span that is a path of ours: it begins with a folder of the layout. */
const PATH_SPAN =
  /`((?:packages|apps|connectors|test|docs|scripts|deploy)\/[\w./*<>{},-]+|\.ci\/run)`/g;

export const named: Rule = {
  name: 'the files and tests that documents name exist',
  check: (tree) =>
    pagesOf(tree).flatMap((page) =>
      page.lines.flatMap((text, i) =>
        [...text.matchAll(PATH_SPAN)]
          .map(([, path]) => path!)
          .filter((path) => !/[*<>{}]/.test(path) && !tree.has(path))
          .map((path) => ({ path: page.path, line: i + 1, says: `there is no ${path}` })),
      ),
    ),
  sabotage: [
    { 'docs/a.md': 'shown by `packages/chain/src/a.test.ts`' },
    { 'README.md': 'see `apps/collector/src/nowhere/`' },
  ],
  sound: {
    'docs/a.md': 'see `packages/chain/src/a.test.ts`, `apps/<name>/src`, `packages/chain`',
    'packages/chain/src/a.test.ts': '',
  },
};

const SCRIPT = /\bnpm (?:run )?(test|start|demo|check|build|bench|fmt|[a-z]+:[a-z]+)\b/g;
const RUN = /\bnpm run ([a-z:-]+)/g;

export const scripts: Rule = {
  name: 'the npm scripts that documents name exist',
  check(tree) {
    const manifest = JSON.parse(tree.file('package.json')?.text ?? '{}') as {
      scripts?: Record<string, string>;
    };
    const known = manifest.scripts ?? {};
    return pagesOf(tree).flatMap((page) =>
      page.lines.flatMap((text, i) => {
        const given = [...text.matchAll(SCRIPT), ...text.matchAll(RUN)].map(([, name]) => name!);
        return [...new Set(given)]
          .filter((name) => !Object.hasOwn(known, name))
          .map((name) => ({
            path: page.path,
            line: i + 1,
            says: `there is no npm script ${name}`,
          }));
      }),
    );
  },
  sabotage: [
    { 'package.json': '{"scripts":{"test":"x"}}', 'docs/a.md': 'run `npm run soak`' },
    { 'package.json': '{"scripts":{"test":"x"}}', 'docs/a.md': 'run `npm start`' },
  ],
  sound: {
    'package.json': '{"scripts":{"test":"x","test:acceptance":"y"}}',
    'docs/a.md': 'run `npm test`, `npm run test:acceptance`, then `npm install`',
  },
};

function pagesOf(tree: Tree): SourceFile[] {
  return tree.files.filter((file) => file.path.endsWith('.md'));
}

/** Lines outside code blocks. */
function proseLines(page: SourceFile): { text: string; line: number }[] {
  let fenced = false;
  return page.lines.flatMap((text, i) => {
    if (/^\s*(```|~~~)/.test(text)) {
      fenced = !fenced;
      return [];
    }
    return fenced
      ? []
      : [{ text: text.replaceAll(/`[^`]*`/g, (span) => span.replace('](', '] (')), line: i + 1 }];
  });
}

function brokenLink(tree: Tree, page: SourceFile, target: string, line: number): Finding[] {
  if (ELSEWHERE.test(target)) return [];
  const [link, heading] = target.split('#');
  const path = link === '' ? page.path : posix.join(posix.dirname(page.path), link!);
  const fail = (says: string): Finding[] => [{ path: page.path, line, says }];
  if (!tree.has(path)) return fail(`${target} leads nowhere`);
  if (heading === undefined) return [];
  const anchors = headingsOf(tree.file(path));
  return anchors.includes(heading) ? [] : fail(`${path} has no heading #${heading}`);
}

/** Anchors as repository hosts make them: lower case, punctuation gone, spaces to hyphens. */
function headingsOf(page: SourceFile | undefined): string[] {
  if (page === undefined) return [];
  return proseLines(page)
    .filter(({ text }) => /^#{1,6} /.test(text))
    .map(({ text }) => text.replace(/^#+ /, '').toLowerCase())
    .map((text) =>
      text
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    );
}
