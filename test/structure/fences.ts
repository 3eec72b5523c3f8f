/**
 * Things that may stand in one place only: SQL, the environment, clocks and randomness, and the
 * libraries that are walled in.
 */
import { posix } from 'node:path';
import {
  dottedName,
  type Finding,
  type Node,
  type Rule,
  type SourceFile,
  type Tree,
} from './tree.ts';

const STORE = 'packages/store/';
/** A statement in capitals anywhere in a text, or one in small letters that opens it. */
const SQL = [
  /\bSELECT\b[\s\S]+\bFROM\b/,
  /\bINSERT\s+INTO\b/,
  /\b(ALTER|CREATE|DROP|OPTIMIZE|TRUNCATE)\s+(TABLE|DATABASE|MATERIALIZED|VIEW)\b/,
  /\bDELETE\s+FROM\b/,
  /^\s*(select\b[\s\S]+\bfrom\b|insert\s+into\b|(alter|create|drop)\s+table\b|delete\s+from\b)/,
];

export const sql: Rule = {
  name: 'SQL stands in packages/store only',
  check(tree) {
    const files = tree.code.filter((f) => !f.isTest && !f.path.startsWith(STORE));
    return files.flatMap((file) =>
      file.nodes
        .filter((node) => SQL.some((pattern) => pattern.test(literalText(node))))
        .map((node) => file.finding(node, 'a SQL statement outside packages/store')),
    );
  },
  sabotage: [
    { 'apps/collector/src/a.ts': "const q = 'SELECT idx FROM records';" },
    { 'apps/cli/src/a.ts': 'const q = `INSERT INTO ${table} VALUES (1)`;' },
    { 'packages/detect/src/a.ts': 'const q = "alter table records add column x Int8";' },
    { 'connectors/kit/a.ts': 'const q = `SELECT ${columns}\nFROM ${table}`;' },
  ],
  sound: {
    'packages/store/src/a.ts': "const q = 'SELECT idx FROM records';",
    'apps/cli/src/a.test.ts': "const q = 'SELECT idx FROM records';",
    'apps/cli/src/a.ts': "// SELECT a FROM b\nconst s = 'Select a session from the list';",
  },
};

/**
 * Files beside `config.ts` that may read the environment, each with the reason. Tests may as well.
 */
const ENVIRONMENT_ALLOWED: Record<string, string> = {
  'packages/shim/src/forward/forward.mjs':
    'runs alone inside the sandbox, where the environment is the only way to tell it anything',
  'packages/shim/src/hook/hook.mjs':
    'runs alone inside the sandbox, where the environment is the only way to tell it anything',
  'apps/dashboard/next.config.ts': 'Next reads it before anything of ours runs',
};

export const environment: Rule = {
  name: 'process.env is read in config.ts files only',
  check(tree) {
    const files = tree.code.filter((file) => !mayReadEnvironment(file));
    return files.flatMap((file) =>
      file.nodes
        .filter((node) => readsEnvironment(node))
        .map((node) => file.finding(node, 'reads the environment outside config.ts')),
    );
  },
  sabotage: [
    { 'apps/relay/src/main.ts': 'const home = process.env.HOME;' },
    { 'apps/relay/src/main.ts': "const home = process['env'].HOME;" },
    { 'apps/relay/src/main.ts': 'const { env } = process;' },
    { 'apps/relay/src/main.ts': "import { env } from 'node:process';" },
  ],
  sound: {
    'apps/relay/src/config.ts': 'const home = process.env.HOME;',
    'apps/relay/src/main.test.ts': 'const home = process.env.HOME;',
    'apps/relay/src/main.ts': 'const env = config.env; process.exit(0);',
  },
};

/** Where time and chance are arguments, so that a run can be repeated. */
const DETERMINISTIC = ['packages/chain/', 'packages/detect/', 'apps/collector/src/sequence/'];
/** Makes the log's key and id, once. */
const KEY_GENERATION = 'apps/collector/src/sequence/identity.ts';
/** A command: the clock is its user's unless another time is given. */
const VERIFIER_COMMAND = 'packages/chain/src/verify/main.ts';
const CHANCE = ['randomBytes', 'randomUUID', 'randomInt', 'randomFillSync', 'getRandomValues'];

export const determinism: Rule = {
  name: 'chain, detect and the sequencer take clocks and randomness as arguments',
  check(tree) {
    const files = tree.code.filter(
      (file) =>
        !file.isTest &&
        file.path !== KEY_GENERATION &&
        file.path !== VERIFIER_COMMAND &&
        DETERMINISTIC.some((folder) => file.path.startsWith(folder)),
    );
    return files.flatMap((file) =>
      file.nodes
        .filter((node) => isClockOrChance(node))
        .map((node) => file.finding(node, 'takes time or chance from the machine')),
    );
  },
  sabotage: [
    { 'packages/chain/src/a.ts': 'const t = Date.now();' },
    { 'packages/chain/src/a.ts': 'const now = Date.now;' },
    { 'packages/detect/src/a.ts': 'const t = new Date();' },
    { 'packages/detect/src/a.ts': 'const r = Math.random();' },
    { 'apps/collector/src/sequence/plan.ts': "import { randomBytes } from 'node:crypto';" },
    { 'packages/chain/src/a.ts': 'const id = crypto.randomUUID();' },
  ],
  sound: {
    'packages/chain/src/a.ts': 'const t = new Date(given).toISOString();',
    'packages/detect/src/a.test.ts': 'const t = Date.now();',
    'apps/collector/src/sequence/identity.ts': "import { randomBytes } from 'node:crypto';",
    'apps/collector/src/pull/a.ts': 'const t = Date.now();',
    [VERIFIER_COMMAND]: 'const t = Date.now();',
  },
};

/** A library, and the only places that may import it (a file, or a folder with its slash). */
const WALLED: Record<string, string[]> = {
  merkletreejs: ['packages/chain/src/tree/tile.ts'],
  '@opentelemetry/sdk-node': ['packages/shim/src/sdk/', 'apps/collector/src/telemetry.ts'],
};

export const walled: Rule = {
  name: 'merkletreejs and sdk-node are imported where the design says, and nowhere else',
  check(tree) {
    return tree.code
      .filter((file) => !file.isTest)
      .flatMap((file) =>
        file.imports().flatMap(({ specifier, line }) => {
          const places = WALLED[specifier];
          if (places === undefined || places.some((place) => file.path.startsWith(place)))
            return [];
          return [{ path: file.path, line, says: `${specifier} belongs in ${places.join(', ')}` }];
        }),
      );
  },
  sabotage: [
    { 'packages/chain/src/verify.ts': "import { MerkleTree } from 'merkletreejs';" },
    { 'apps/collector/src/main.ts': "await import('@opentelemetry/sdk-node');" },
  ],
  sound: {
    'packages/chain/src/tree/tile.ts': "import { MerkleTree } from 'merkletreejs';",
    'packages/chain/src/tree/tile.test.ts': "import { MerkleTree } from 'merkletreejs';",
    'apps/collector/src/telemetry.ts': "await import('@opentelemetry/sdk-node');",
  },
};

/** Where the verifier begins; `verifyBundle` of the command line is this one. */
const VERIFIER = 'packages/chain/src/verify/node.ts';

export const verifier: Rule = {
  name: 'the verifier reaches no third-party package, no file system and no network',
  check(tree) {
    const start = tree.file(VERIFIER);
    if (start === undefined) return [{ path: VERIFIER, line: 1, says: 'is missing' }];
    const seen = new Set([start.path]);
    const queue = [start];
    const found: Finding[] = [];
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      for (const { specifier, line } of file.imports()) {
        const path = pathOf(file, specifier);
        if (path === undefined) {
          if (specifier === 'node:crypto') continue;
          const says = `${specifier} is within the verifier's reach`;
          found.push({ path: file.path, line, says });
          continue;
        }
        const next = seen.has(path) ? undefined : tree.file(path);
        seen.add(path);
        if (next !== undefined) queue.push(next);
      }
    }
    return found;
  },
  sabotage: [
    {
      [VERIFIER]: "import { x } from '../tree/tile.ts';",
      'packages/chain/src/tree/tile.ts': "import { MerkleTree } from 'merkletreejs';",
    },
    { [VERIFIER]: "import { readFileSync } from 'node:fs';" },
    {
      [VERIFIER]: "import { x } from '@vitrine/schema';",
      'packages/schema/src/index.ts': "import 'node:http';",
    },
  ],
  sound: {
    [VERIFIER]: "import { x } from '../leaf.ts';",
    'packages/chain/src/leaf.ts': "import { hash } from 'node:crypto';",
    'packages/chain/src/tree/tile.ts': "import { MerkleTree } from 'merkletreejs';",
  },
};

/** The file of ours that an import leads to, if any. */
function pathOf(file: SourceFile, specifier: string): string | undefined {
  const own = /^@vitrine\/schema(?:\/(\w+))?$/.exec(specifier);
  if (own !== null) return `packages/schema/src/${own[1] ?? 'index'}.ts`;
  return specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : undefined;
}

function literalText(node: Node): string {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : '';
  if (node.type !== 'TemplateLiteral') return '';
  const quasis = node.quasis as { value: { cooked: string | null } }[];
  return quasis.map((quasi) => quasi.value.cooked ?? '').join(' x ');
}

function mayReadEnvironment(file: SourceFile): boolean {
  const name = posix.basename(file.path);
  return name === 'config.ts' || file.isTest || Object.hasOwn(ENVIRONMENT_ALLOWED, file.path);
}

/** The names in the list above that are no files: the list must not outlive them. */
export function staleExceptions(tree: Tree): string[] {
  return Object.keys(ENVIRONMENT_ALLOWED).filter((path) => !tree.has(path));
}

function readsEnvironment(node: Node): boolean {
  if (node.type === 'MemberExpression') {
    const computed =
      (node.property as Node).value === 'env' && dottedName(node.object) === 'process';
    return computed || dottedName(node) === 'process.env';
  }
  if (node.type === 'VariableDeclarator') {
    return dottedName(node.init) === 'process' && namesIn(node.id as Node).includes('env');
  }
  if (node.type !== 'ImportDeclaration') return false;
  const { value } = node.source as Node;
  return /^(node:)?process$/.test(String(value)) && namesIn(node).includes('env');
}

/** Names of the members an object pattern or an import takes. */
function namesIn(node: Node): string[] {
  const items = (node.properties ?? node.specifiers ?? []) as Node[];
  return items.map((item) => dottedName(item.key ?? item.imported));
}

function isClockOrChance(node: Node): boolean {
  if (node.type === 'NewExpression') {
    return dottedName(node.callee) === 'Date' && (node.arguments as Node[]).length === 0;
  }
  if (node.type === 'ImportSpecifier') return CHANCE.includes(dottedName(node.imported));
  if (node.type !== 'MemberExpression') return false;
  const name = dottedName(node);
  return ['Date.now', 'Math.random'].includes(name) || CHANCE.includes(name.split('.').at(-1)!);
}
