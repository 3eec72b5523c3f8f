/**
 * The rules of the dashboard alone: its layers, small routes, no HTML from text, and nothing on its
 * server that could verify in the reader's place.
 */
import { posix } from 'node:path';
import { dottedName, type Finding, type Node, type Rule, type SourceFile } from './tree.ts';

const DASHBOARD = 'apps/dashboard/';
const ROUTE_LINES_MAX = 60;
const PROOF = 'features/proof';

/** A layer, and the layers it may import; itself is always allowed, another feature never. */
const LAYERS: Record<string, string[]> = {
  lib: [],
  ui: ['lib'],
  features: ['lib', 'ui'],
  app: ['lib', 'ui', 'features'],
};

/** Features that others may show. What a page puts together it imports itself. */
const SHARED_FEATURES = [PROOF];

export const layers: Rule = {
  name: 'the dashboard is app over features over ui over lib, and only proof is shared',
  check: (tree) =>
    tree.code
      .filter((file) => file.path.startsWith(DASHBOARD) && !file.isTest)
      .flatMap((file) =>
        file.imports().flatMap(({ specifier, line }) => {
          const to = placeOf(file, specifier);
          const says = to === undefined ? undefined : crossing(file.path, to);
          return says === undefined ? [] : [{ path: file.path, line, says }];
        }),
      ),
  sabotage: [
    { 'apps/dashboard/lib/a.ts': "import { x } from '../ui/x.tsx';" },
    { 'apps/dashboard/ui/a.tsx': "import { x } from '../features/sessions/x.tsx';" },
    { 'apps/dashboard/features/alerts/a.tsx': "import { x } from '../event/x.tsx';" },
    { 'apps/dashboard/features/proof/a.tsx': "import { x } from '../timeline/x.tsx';" },
    { 'apps/dashboard/features/alerts/a.tsx': "import { x } from '../../app/page.tsx';" },
  ],
  sound: {
    'apps/dashboard/app/page.tsx': "import { x } from '../features/sessions/x.tsx';",
    'apps/dashboard/features/event/a.tsx':
      "import { x } from '../proof/x.tsx';\nimport './b.ts';\nimport y from '../../ui/y.tsx';",
    'apps/dashboard/ui/a.tsx': "import { x } from '../lib/x.ts';\nimport React from 'react';",
  },
};

export const routeLength: Rule = {
  name: `a route of the dashboard has at most ${ROUTE_LINES_MAX} lines`,
  check: (tree) =>
    tree.code
      .filter((file) => file.path.startsWith(`${DASHBOARD}app/`) && !file.isTest)
      .filter((file) => file.lines.length > ROUTE_LINES_MAX)
      .map((file) => ({ path: file.path, line: 1, says: `has ${file.lines.length} lines` })),
  sabotage: [{ 'apps/dashboard/app/page.tsx': '\n'.repeat(ROUTE_LINES_MAX + 1) }],
  sound: {
    'apps/dashboard/app/page.tsx': '\n'.repeat(ROUTE_LINES_MAX),
    'apps/dashboard/features/alerts/a.tsx': '\n'.repeat(ROUTE_LINES_MAX + 1),
  },
};

/** Ways in which a text could become markup or a program. */
const HTML_MEMBERS = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'srcdoc', 'write'];

export const noHtml: Rule = {
  name: 'the dashboard never makes HTML of a text',
  check: (tree) =>
    tree.code
      .filter((file) => file.path.startsWith(DASHBOARD) && !file.isTest)
      .flatMap((file) =>
        file.nodes
          .filter((node) => makesHtml(node))
          .map((node) => file.finding(node, 'makes HTML of a text')),
      ),
  sabotage: [
    { 'apps/dashboard/ui/a.tsx': 'const a = <p dangerouslySetInnerHTML={{ __html: t }} />;' },
    { 'apps/dashboard/ui/a.tsx': 'const p = { dangerouslySetInnerHTML: { __html: t } };' },
    { 'apps/dashboard/ui/a.tsx': 'const a = <iframe title="t" srcDoc={t} />;' },
    { 'apps/dashboard/ui/a.ts': 'element.innerHTML = t;' },
    { 'apps/dashboard/ui/a.ts': 'document.write(t);' },
  ],
  sound: {
    'apps/dashboard/ui/a.tsx': 'const a = <p title={t}>{t}</p>; element.textContent = t;',
    'apps/dashboard/ui/b.ts': 'writer.write(t);',
  },
};

/** What runs on the server for a request: these files may pass bytes on and nothing else. */
const SERVER_FILE = /^apps\/dashboard\/(app\/.*\/?route\.ts|proxy\.ts|middleware\.ts)$/;
/** A path of the collector's API. */
const API_ROUTES = 'apps/collector/src/api/routes/';
const VERIFYING = /(^|\/)verif(y|ies|ied|ier|ication)\b/i;

export const noServerVerifier: Rule = {
  name: 'no route of a server verifies for the reader',
  check: (tree) => [
    ...tree.code.filter((file) => SERVER_FILE.test(file.path)).flatMap((f) => serverFile(f)),
    ...tree.code
      .filter((file) => file.path.startsWith(API_ROUTES) && !file.isTest)
      .flatMap((file) =>
        file.nodes
          .filter((node) => node.type === 'Property' && dottedName(node.key) === 'path')
          .filter((node) => VERIFYING.test(String((node.value as Node).value)))
          .map((node) => file.finding(node, 'is a verifying route')),
      ),
  ],
  sabotage: [
    { 'apps/dashboard/app/api/verify/route.ts': 'export const GET = () => {};' },
    { 'apps/dashboard/app/api/x/route.ts': "import { v } from '@vitrine/chain/browser';" },
    { 'apps/dashboard/app/x/route.ts': "import { v } from '../../features/proof/verify.ts';" },
    { 'apps/dashboard/proxy.ts': "import { v } from '@vitrine/chain';" },
    { [`${API_ROUTES}a.ts`]: "const r = { method: 'GET', path: '/v1/events/:log/verify' };" },
  ],
  sound: {
    'apps/dashboard/app/api/[...path]/route.ts': "import { x } from '../../../lib/config.ts';",
    'apps/dashboard/features/proof/verify.ts': "import { v } from '@vitrine/chain/browser';",
    [`${API_ROUTES}a.ts`]: "const r = { method: 'GET', path: '/v1/events/:log/:index/bundle' };",
  },
};

/** The layer and feature an import leads to, as `lib`, `ui`, `app` or `features/<name>`. */
function placeOf(file: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return placeIn(posix.join(posix.dirname(file.path), specifier));
}

function placeIn(path: string): string | undefined {
  const steps = path.slice(DASHBOARD.length).split('/');
  if (!path.startsWith(DASHBOARD) || !Object.hasOwn(LAYERS, steps[0]!)) return undefined;
  return steps[0] === 'features' ? `features/${steps[1]}` : steps[0];
}

function crossing(path: string, to: string): string | undefined {
  const from = placeIn(path);
  if (from === undefined || from === to) return undefined;
  const [layer, target] = [from.split('/')[0]!, to.split('/')[0]!];
  if (layer === 'features' && SHARED_FEATURES.includes(to)) return undefined;
  return LAYERS[layer]!.includes(target) ? undefined : `${from} may not import ${to}`;
}

function makesHtml(node: Node): boolean {
  if (node.type === 'JSXAttribute') {
    const { name } = node.name as Node;
    return name === 'dangerouslySetInnerHTML' || name === 'srcDoc';
  }
  if (node.type === 'Property') return dottedName(node.key) === 'dangerouslySetInnerHTML';
  if (node.type !== 'MemberExpression') return false;
  const name = dottedName(node.property);
  return name === 'write'
    ? /(^|\.)document$/.test(dottedName(node.object))
    : HTML_MEMBERS.includes(name);
}

function serverFile(file: SourceFile): Finding[] {
  const route = file.path.slice(DASHBOARD.length);
  const named = VERIFYING.test(posix.dirname(route))
    ? [{ path: file.path, line: 1, says: 'is a verifying route' }]
    : [];
  const imported = file.imports().filter(({ specifier }) => {
    return specifier.startsWith('@vitrine/chain') || placeOf(file, specifier) === PROOF;
  });
  return [
    ...named,
    ...imported.map(({ line }) => ({ path: file.path, line, says: 'reaches the verifier' })),
  ];
}
