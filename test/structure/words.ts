/**
 * Words that must not be in the project: paths of a developer's machine, hosts of package
 * registries, and marks of unfinished work.
 */
import type { Finding, Rule, SourceFile } from './tree.ts';

/** Put together here, so that this file does not contain them. */
const MACHINE_PATHS = ['work', 'root'].map((folder) => `/${folder}/`);
const REGISTRIES = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['npm', 'pkg', 'github', 'com'],
  ['files', 'pythonhosted', 'org'],
  ['proxy', 'golang', 'org'],
].map((labels) => labels.join('.'));

/** The licence is someone else's text. */
const NOT_OURS = ['LICENSE'];

export const machineWords: Rule = {
  name: 'no file names a path of one machine or a package registry',
  check: (tree) =>
    tree.files
      .filter((file) => !NOT_OURS.includes(file.path))
      .flatMap((file) => linesWith(file, (line) => foreignWord(line))),
  sabotage: [
    { 'docs/a.md': `see ${MACHINE_PATHS[0]}main/README.md` },
    { 'apps/cli/src/a.ts': `const home = '${MACHINE_PATHS[1]}.vitrine';` },
    { '.ci/run': `npm --registry https://${REGISTRIES[0]}/ ci` },
  ],
  sound: { 'docs/a.md': 'https://example.org/work/a and src/root/b', '.ci/run': 'npm ci' },
};

const LOCK = 'package-lock.json';

export const lockfile: Rule = {
  name: 'the lock file names no registry',
  check(tree) {
    const file = tree.file(LOCK);
    if (file === undefined) return [{ path: LOCK, line: 1, says: 'is missing' }];
    return linesWith(file, (line) => /"resolved": *"[a-z+]+:\/\/[^"]*"/.exec(line)?.[0]);
  },
  sabotage: [
    { [LOCK]: '{"packages":{"a":{"resolved": "https://example.org/a.tgz"}}}' },
    { [LOCK]: '{"packages":{"a":{"resolved": "git+ssh://git@example.org/a.git"}}}' },
  ],
  sound: { [LOCK]: '{"packages":{"node_modules/a":{"resolved": "packages/a","link": true}}}' },
};

const UNFINISHED = [
  /\b(TO\x44O|FIX\x4dE|HA\x43K)\b/,
  /\b(describe|it|test)\.(only|todo)\(/,
  /@ts-(ignore|nocheck)\b/,
];

export const unfinished: Rule = {
  name: 'no mark of unfinished or silenced code',
  check: (tree) =>
    tree.code.flatMap((file) =>
      linesWith(file, (line) => {
        return UNFINISHED.map((pattern) => pattern.exec(line)?.[0]).find(
          (hit) => hit !== undefined,
        );
      }),
    ),
  sabotage: [
    { 'apps/cli/src/a.ts': ['// TO', 'DO: later'].join('') },
    { 'apps/cli/src/a.test.ts': ['it.on', 'ly("x", () => {});'].join('') },
    { 'apps/cli/src/a.ts': ['// @ts-ig', 'nore'].join('') },
  ],
  sound: { 'apps/cli/src/a.ts': "const s = 'a method, and more hacks to do';" },
};

/** A page by its name, wherever it lies. */
const PAGE = /[\w-]+\.md\b/g;

export const citations: Rule = {
  name: 'code cites pages that are in the project',
  check(tree) {
    const pages = tree.files.map((file) => file.path.split('/').at(-1)!.toLowerCase());
    return tree.code
      .filter((file) => !/^test\/(structure|reference)/.test(file.path))
      .flatMap((file) =>
        linesWith(file, (line) => {
          const cited = [...line.matchAll(PAGE)].map(([name]) => name);
          const absent = cited.find((name) => !pages.includes(name.toLowerCase()));
          return absent ?? /\bDESIGN(?: §|\.md)/.exec(line)?.[0];
        }),
      );
  },
  sabotage: [
    { 'docs/a.md': '', 'packages/chain/src/a.ts': '/** See notes.md §2. */' },
    { 'packages/chain/src/a.ts': '/** A sentence (DESIGN §4). */' },
  ],
  sound: {
    'docs/reference/log.md': '',
    'packages/chain/src/a.ts': '/** As LOG.md §3 and `docs/reference/log.md` say. */',
  },
};

function foreignWord(line: string): string | undefined {
  const path = MACHINE_PATHS.find((word) => new RegExp(`(^|[^\\w.~-])${word}`).test(line));
  return path ?? REGISTRIES.find((host) => line.includes(host));
}

function linesWith(file: SourceFile, hit: (line: string) => string | undefined): Finding[] {
  return file.lines.flatMap((text, i) => {
    const word = hit(text);
    return word === undefined ? [] : [{ path: file.path, line: i + 1, says: `contains ${word}` }];
  });
}
