/**
 * Who may import whom. The table is the one of ARCHITECTURE.md: an arrow that is not here does not
 * exist, neither as an import nor as a dependency in a package.json.
 */
import { posix } from 'node:path';
import type { Finding, Import, Rule, SourceFile, Tree } from './tree.ts';

/** Workspace folder to the workspaces it may use. */
const ARROWS: Record<string, string[]> = {
  'packages/schema': [],
  'packages/chain': ['packages/schema'],
  'packages/detect': ['packages/schema'],
  'packages/store': ['packages/schema', 'packages/chain'],
  'packages/shim': ['packages/schema', 'packages/chain'],
  connectors: ['packages/schema', 'packages/chain'],
};
const PACKAGES = Object.keys(ARROWS);
/** Apps may use every package, but for those that are served to a browser. */
const APP_ARROWS: Record<string, string[]> = {
  'apps/dashboard': ['packages/schema', 'packages/chain'],
};
const SCOPE = '@vitrine/';

/** `connectors/<name>` stands on the kit and on nothing of its neighbours. */
const CONNECTOR_FOLDER = /^connectors\/([^/]+)\//;
const KIT = 'kit';

export const arrows: Rule = {
  name: 'imports follow the dependency arrows',
  check(tree) {
    return tree.code.flatMap((file) =>
      file.imports().flatMap((item) => crossing(file, item) ?? neighbour(file, item) ?? []),
    );
  },
  sabotage: [
    { 'packages/schema/src/a.ts': "import { x } from '@vitrine/chain';" },
    { 'packages/detect/src/a.ts': "export * from '@vitrine/store';" },
    { 'packages/store/src/a.ts': "import type { X } from '@vitrine/collector';" },
    { 'apps/cli/src/a.ts': "const x = await import('@vitrine/relay');" },
    { 'apps/relay/src/a.ts': "import { x } from '../../collector/src/main.ts';" },
    { 'packages/chain/src/a.ts': "import { x } from '../../../test/x.ts';" },
    { 'connectors/webhook/a.ts': "import { x } from '../splunk-hec/encode.ts';" },
    { 'connectors/kit/a.ts': "import { x } from '../webhook/index.ts';" },
    { 'connectors/webhook/a.ts': "import { x } from '@vitrine/store';" },
    { 'packages/chain/src/a.ts': "import { x } from '@vitrine/chain';" },
    { 'apps/dashboard/lib/a.ts': "import { x } from '@vitrine/store';" },
    { 'apps/dashboard/ui/a.tsx': "import type { X } from '@vitrine/shim/sdk';" },
  ],
  sound: {
    'packages/chain/src/a.ts': "import { x } from '@vitrine/schema';\nimport fs from 'node:fs';",
    'apps/collector/src/a.ts': "import { x } from '@vitrine/store';\nimport './b.ts';",
    'connectors/webhook/a.ts': "import { x } from '../kit/deliver.ts';\nimport './encode.ts';",
    'connectors/registry.ts': "import { x } from './webhook/index.ts';",
    'test/structure/a.ts': "import { x } from '../../apps/collector/src/main.ts';",
    'apps/dashboard/lib/a.tsx': "import { x } from '@vitrine/chain/browser';",
  },
};

export const manifests: Rule = {
  name: 'package.json files declare exact versions, along the arrows, and all that is imported',
  check: (tree) => tree.files.filter((f) => isManifest(f.path)).flatMap((f) => manifest(tree, f)),
  sabotage: [
    { 'packages/schema/package.json': '{"dependencies":{"@vitrine/chain":"0.1.0"}}' },
    { 'apps/cli/package.json': '{"dependencies":{"@vitrine/collector":"0.1.0"}}' },
    { 'packages/store/package.json': '{"dependencies":{"yaml":"^2.0.0"}}' },
    { 'package.json': '{"devDependencies":{"yaml":"latest"}}' },
    {
      'packages/detect/src/a.ts': "import { parse } from 'yaml';",
      'packages/detect/package.json': '{"dependencies":{"re2js":"1.0.0"}}',
    },
  ],
  sound: {
    'packages/store/src/a.ts': "import { a } from '@vitrine/chain';\nimport x from 'yaml/util';",
    'packages/store/src/a.test.ts': "import { b } from 'fast-check';",
    'packages/store/package.json':
      '{"dependencies":{"@vitrine/chain":"0.1.0","yaml":"2.9.1-beta.1"}}',
  },
};

export const acyclic: Rule = {
  name: 'packages do not import each other in a circle',
  check(tree) {
    const edges = new Map<string, Map<string, Finding>>();
    for (const file of tree.code) {
      for (const item of file.imports()) {
        const [from, to] = [workspaceOf(file.path), targetOf(file, item)];
        if (from === undefined || to === undefined || from === to) continue;
        const says = `${from} imports ${to}, which leads back to it`;
        const known = edges.get(from) ?? new Map<string, Finding>();
        known.set(to, known.get(to) ?? { path: file.path, line: item.line, says });
        edges.set(from, known);
      }
    }
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
      if (from === to) return true;
      if (seen.has(from)) return false;
      seen.add(from);
      return [...(edges.get(from)?.keys() ?? [])].some((next) => reaches(next, to, seen));
    };
    const closing = ([from, to]: [string, string]): boolean => from < to && reaches(to, from);
    return [...edges].flatMap(([from, known]) =>
      [...known].filter(([to]) => closing([from, to])).map(([, finding]) => finding),
    );
  },
  sabotage: [
    {
      'packages/store/src/a.ts': "import { x } from '@vitrine/chain';",
      'packages/chain/src/a.ts': "import { x } from '@vitrine/store';",
    },
    {
      'packages/store/src/a.ts': "import { x } from '@vitrine/detect';",
      'packages/detect/src/a.ts': "import { x } from '@vitrine/chain';",
      'packages/chain/src/a.ts': "import { x } from '../../store/src/a.ts';",
    },
  ],
  sound: {
    'packages/store/src/a.ts': "import { x } from '@vitrine/chain';",
    'packages/chain/src/a.ts': "import { x } from '@vitrine/schema';",
    'packages/detect/src/a.ts': "import { x } from '@vitrine/schema';",
  },
};

/** The workspace a path lies in; `undefined` for the root, `test` and `scripts`. */
function workspaceOf(path: string): string | undefined {
  return /^(connectors)\//.exec(path)?.[1] ?? /^((?:packages|apps)\/[^/]+)\//.exec(path)?.[1];
}

/** The workspace an import leads to; `undefined` when it is none of ours. */
function targetOf(file: SourceFile, { specifier }: Import): string | undefined {
  if (specifier.startsWith('.')) return workspaceOf(resolved(file, specifier));
  if (!specifier.startsWith(SCOPE)) return undefined;
  const name = specifier.slice(SCOPE.length).split('/')[0]!;
  if (name === 'connectors') return name;
  return PACKAGES.includes(`packages/${name}`) ? `packages/${name}` : `apps/${name}`;
}

function resolved(file: SourceFile, specifier: string): string {
  return posix.join(posix.dirname(file.path), specifier);
}

function mayUse(from: string, to: string): boolean {
  const all = from.startsWith('apps/') ? (APP_ARROWS[from] ?? PACKAGES) : (ARROWS[from] ?? []);
  return all.includes(to);
}

function crossing(file: SourceFile, item: Import): Finding | undefined {
  const from = workspaceOf(file.path);
  if (from === undefined) return undefined;
  const { specifier, line } = item;
  const to = targetOf(file, item);
  const relative = specifier.startsWith('.');
  if (relative && to === from) return undefined;
  if (relative) return { path: file.path, line, says: `${specifier} leaves ${from}` };
  if (to === undefined || mayUse(from, to)) return undefined;
  return { path: file.path, line, says: `${from} may not import ${to}` };
}

function neighbour(file: SourceFile, { specifier, line }: Import): Finding | undefined {
  const own = CONNECTOR_FOLDER.exec(file.path)?.[1];
  if (own === undefined || !specifier.startsWith('.')) return undefined;
  const other = CONNECTOR_FOLDER.exec(resolved(file, specifier))?.[1];
  if (other === own || (other === KIT && own !== KIT)) return undefined;
  const says = `connectors/${own} may import ${own === KIT ? 'itself' : 'the kit'} only`;
  return { path: file.path, line, says };
}

function isManifest(path: string): boolean {
  return path === 'package.json' || path.endsWith('/package.json');
}

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

function manifest(tree: Tree, file: SourceFile): Finding[] {
  const content = JSON.parse(file.text) as Manifest;
  const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = content;
  const from = workspaceOf(file.path);
  const found: string[] = [];
  const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
  for (const [name, version] of Object.entries(all)) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) found.push(`${name} ${version} is not exact`);
    if (!name.startsWith(SCOPE) || from === undefined) continue;
    const to = targetOf(file, { specifier: name, line: 1 });
    if (to === undefined || !mayUse(from, to)) found.push(`${from} may not depend on ${name}`);
  }
  const declared = { ...dependencies, ...optionalDependencies };
  for (const name of from === undefined ? [] : importedPackages(tree, from)) {
    if (!Object.hasOwn(declared, name)) found.push(`${name} is imported and not declared`);
  }
  return found.map((says) => ({ path: file.path, line: 1, says }));
}

function importedPackages(tree: Tree, workspace: string): Set<string> {
  const names = new Set<string>();
  for (const file of tree.code) {
    if (file.isTest || workspaceOf(file.path) !== workspace) continue;
    for (const { specifier } of file.imports()) {
      if (/^(\.|node:)/.test(specifier)) continue;
      const [scopeOrName, name] = specifier.split('/');
      names.add(specifier.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName!);
    }
  }
  return names;
}
