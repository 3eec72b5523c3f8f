/**
 * What the structure rules read: the project's own text files, parsed once. A tree can also be made
 * in memory, so that every rule can be shown a bad example. Relies on `oxc-parser` for its syntax.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

/** A node of the syntax tree; its members depend on `type` (ESTree). */
export interface Node {
  type: string;
  start: number;
  end: number;
  [member: string]: unknown;
}

export interface Finding {
  path: string;
  line: number;
  says: string;
}

export interface Rule {
  /** Read as "the project obeys: …". */
  name: string;
  check(tree: Tree): Finding[];
  /** Bad examples; each must give exactly one finding, on the file named last. */
  sabotage: Record<string, string>[];
  /** A good example of the same shape, which must give none. */
  sound: Record<string, string>;
}

export interface Import {
  specifier: string;
  line: number;
}

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CODE = /\.(ts|tsx|mjs)$/;
const TEXT = /\.(ts|tsx|mjs|js|json|md|sql|yml|yaml|xml|sh|css|txt|proto|py|c|html|run)$/;
const DECLARATION = /\.d\.ts$/;
/** Files that a tool writes and `.gitignore` leaves out. */
const MADE = ['next-env.d.ts'];

export class SourceFile {
  readonly path: string;
  readonly text: string;
  #program: Node | undefined;
  #nodes: Node[] | undefined;
  #lineStarts: number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  get isCode(): boolean {
    return CODE.test(this.path) && !DECLARATION.test(this.path);
  }

  /** Tests and what only tests use. */
  get isTest(): boolean {
    return /\.test\.tsx?$/.test(this.path) || this.path.startsWith('test/');
  }

  get lines(): string[] {
    return this.text.replace(/\n$/, '').split('\n');
  }

  get program(): Node {
    if (this.#program === undefined) {
      const lang = this.path.endsWith('.tsx') ? 'tsx' : this.path.endsWith('.ts') ? 'ts' : 'js';
      const parsed = parseSync(this.path, this.text, { lang });
      if (parsed.errors.length > 0) throw new Error(`${this.path}: ${parsed.errors[0]?.message}`);
      this.#program = parsed.program as unknown as Node;
    }
    return this.#program;
  }

  /** Every node of the file, parents before children. */
  get nodes(): Node[] {
    this.#nodes ??= descendants(this.program);
    return this.#nodes;
  }

  lineOf(offset: number): number {
    this.#lineStarts ??= lineStartsOf(this.text);
    let line = 0;
    while ((this.#lineStarts[line + 1] ?? Number.POSITIVE_INFINITY) <= offset) line++;
    return line + 1;
  }

  finding(node: Node, says: string): Finding {
    return { path: this.path, line: this.lineOf(node.start), says };
  }

  /** Every module named by an `import`, `export … from` or `import()` with a literal. */
  imports(): Import[] {
    const found: Import[] = [];
    for (const node of this.nodes) {
      const source = isNode(node.source) ? node.source : undefined;
      if (source !== undefined && typeof source.value === 'string') {
        found.push({ specifier: source.value, line: this.lineOf(node.start) });
      }
    }
    return found;
  }
}

export class Tree {
  readonly files: SourceFile[];
  readonly #paths: Set<string>;

  constructor(files: SourceFile[]) {
    this.files = files;
    this.#paths = new Set(files.map((file) => file.path));
  }

  static of(files: Record<string, string>): Tree {
    return new Tree(Object.entries(files).map(([path, text]) => new SourceFile(path, text)));
  }

  static ofProject(): Tree {
    const isIgnored = ignoredFolders();
    const files: SourceFile[] = [];
    const walk = (dir: string): void => {
      for (const entry of readdirSync(join(ROOT, dir), { withFileTypes: true })) {
        const path = dir === '' ? entry.name : `${dir}/${entry.name}`;
        if (entry.isDirectory() && !isIgnored(path)) walk(path);
        if (entry.isFile() && !MADE.includes(entry.name))
          files.push(new SourceFile(path, textOf(path)));
      }
    };
    walk('');
    return new Tree(files);
  }

  get code(): SourceFile[] {
    return this.files.filter((file) => file.isCode);
  }

  file(path: string): SourceFile | undefined {
    return this.files.find((file) => file.path === path);
  }

  /** Whether there is such a file, or a folder with a file in it. */
  has(path: string): boolean {
    if (this.#paths.has(path)) return true;
    const folder = `${path.replace(/\/$/, '')}/`;
    return this.files.some((file) => file.path.startsWith(folder));
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

export function descendants(root: Node): Node[] {
  const found: Node[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (isNode(value)) {
      found.push(value);
      for (const member of Object.values(value)) {
        if (typeof member === 'object' && member !== null) visit(member);
      }
    }
  };
  visit(root);
  return found;
}

/** The dotted name of a plain member expression or identifier: `process.env`, `Date.now`. */
export function dottedName(node: unknown): string {
  if (!isNode(node)) return '';
  if (node.type === 'Identifier') return String(node.name);
  if (node.type !== 'MemberExpression' || node.computed === true) return '';
  return `${dottedName(node.object)}.${dottedName(node.property)}`;
}

/** Whether `.gitignore` leaves a folder out: a name, with `*` perhaps, or a path from the root. */
function ignoredFolders(): (path: string) => boolean {
  const lines = readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n');
  const patterns = lines
    .filter((line) => line.endsWith('/'))
    .map((line) => {
      const name = line.slice(0, -1).replaceAll('.', '\\.').replaceAll('*', '[^/]*');
      return name.startsWith('/') ? `^${name.slice(1)}$` : `(^|/)${name}$`;
    });
  const ignored = new RegExp(['(^|/)\\.git$', ...patterns].join('|'));
  return (path) => ignored.test(path);
}

/** Only text is read; of anything else the name counts. */
function textOf(path: string): string {
  const named = TEXT.test(path) || !/\.[^/]*$/.test(path) || /(^|\/)\.[a-z]+$/.test(path);
  return named ? readFileSync(join(ROOT, path), 'utf8') : '';
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
