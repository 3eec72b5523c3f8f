/**
 * What holds for a page of claims: every sentence below its first heading of the second level names
 * what shows it, as footnotes, and each footnote names tests, attacks, golden bundles or
 * benchmarks that exist.
 */
import { dottedName, isNode, type Node, type SourceFile, type Tree } from './tree.ts';

export interface Shown {
  /** Names of tests by file, as the source writes them. */
  tests: Map<string, Set<string>>;
  /** Ids of the attack table that are run. */
  attacks: Set<string>;
  /** Exit codes of golden bundles. */
  golden: Map<string, number>;
  benches: Set<string>;
}

const TESTS = ['it', 'test', 'describe', 't.test'];
const NOTE = /\[\^([\w-]+)\]/g;
const DEFINITION = /^\[\^([\w-]+)\]: (.+)$/;
/** Between a sentence and the next one: its end, its notes, a space. */
const BOUNDARY = /(?<=[.!?](?:\[\^[\w-]+\])*)\s+(?=[A-Z`*“"(])/;
const SHOWN_SENTENCE = /[.!?](?:\[\^[\w-]+\])+$/;
/** Says which of the two the sentence is, and is none itself. */
const LABEL = /^\*\*(Proven|Not proven)\.\*\*\s*/;
const SPAN = /`([^`]+)`/g;

/** What is wrong with the page, each with its line. */
export function pageFaults(page: string, shown: Shown): string[] {
  const lines = page.split('\n');
  const defined = new Map<string, { text: string; line: number }>();
  const used = new Set<string>();
  const faults: string[] = [];
  for (const [i, text] of lines.entries()) {
    const [, id, what] = DEFINITION.exec(text) ?? [];
    if (id === undefined) for (const [, note] of text.matchAll(NOTE)) used.add(note!);
    else if (defined.has(id)) faults.push(`${i + 1}: the note ${id} is there twice`);
    else defined.set(id, { text: what!, line: i + 1 });
  }
  for (const { text, line } of sentencesOf(lines)) {
    if (!SHOWN_SENTENCE.test(text)) faults.push(`${line}: nothing shows: ${text}`);
  }
  for (const id of used) if (!defined.has(id)) faults.push(`there is no note ${id}`);
  for (const [id, { text, line }] of defined) {
    if (!used.has(id)) faults.push(`${line}: nothing refers to the note ${id}`);
    for (const item of text.replace(/\.$/, '').split('; ')) {
      const fault = itemFault(item, shown);
      if (fault !== undefined) faults.push(`${line}: ${fault}`);
    }
  }
  return faults;
}

/**
 * Sentences of paragraphs, list items and table rows below the introduction. A row is one, whatever
 * its cells hold.
 */
function sentencesOf(lines: string[]): { text: string; line: number }[] {
  const blocks: { text: string; line: number }[] = [];
  let isCode = false;
  let isClaims = false;
  let open = false;
  for (const [i, text] of lines.entries()) {
    if (text.startsWith('```')) isCode = !isCode;
    if (text.startsWith('## ')) isClaims = true;
    const isProse = !(isCode || /^(```|#|\s*$|\[\^)/.test(text)) && isClaims;
    const isRow = text.startsWith('|');
    const isHead =
      isRow && (/^\|[ |:-]+\|$/.test(text) || /^\|[ |:-]+\|$/.test(lines[i + 1] ?? ''));
    if (!isProse || isHead) {
      open = false;
    } else if (open && !isRow && !/^\s*([*-]|\d+\.) /.test(text)) {
      blocks.at(-1)!.text += ` ${text.trim()}`;
    } else {
      const claim = isRow ? `${text.replaceAll('|', ' ').trim()}` : text;
      blocks.push({ text: claim.replace(/^\s*([*-]|\d+\.) /, '').trim(), line: i + 1 });
      open = !isRow;
    }
  }
  return blocks.flatMap(({ text, line }) =>
    text
      .replaceAll(SPAN, '`x`')
      .replace(LABEL, '')
      .split(BOUNDARY)
      .filter((sentence) => sentence !== '')
      .map((sentence) => ({ text: sentence, line })),
  );
}

function itemFault(item: string, shown: Shown): string | undefined {
  const [kind] = item.split(' ');
  const spans = [...item.matchAll(SPAN)].map(([, span]) => span!);
  if (spans.length === 0) return `a note that names nothing: ${item}`;
  if (kind === 'test') return testFault(spans, shown);
  if (kind === 'attack' || kind === 'attacks') {
    const absent = spans.find((id) => !shown.attacks.has(id));
    return absent && `there is no attack ${absent} that is run`;
  }
  if (kind === 'golden') {
    for (const [, name, code] of item.matchAll(/`([^`]+)`(?: \((\d)\))?/g)) {
      const is = shown.golden.get(name!);
      if (is === undefined) return `there is no golden bundle ${name}`;
      if (String(is) !== code) return `the golden bundle ${name} is (${is})`;
    }
    return undefined;
  }
  if (kind === 'bench') {
    const absent = spans.find((line) => !shown.benches.has(line.split(' ')[4] ?? ''));
    return absent && `there is no benchmark for ${absent}`;
  }
  return `a note of no known kind: ${item}`;
}

/** A file, then names of tests in it. */
function testFault([file, ...names]: string[], { tests }: Shown): string | undefined {
  const known = tests.get(file!);
  if (known === undefined) return `there is no file of tests ${file}`;
  if (names.length === 0) return `no test of ${file} is named`;
  const absent = names.find((name) => !known.has(name));
  return absent && `${file} has no test "${absent}"`;
}

/** The names of a file's tests: literals, and templates as they are written. */
export function testNames(file: SourceFile): Set<string> {
  const names = new Set<string>();
  for (const node of file.nodes) {
    if (node.type !== 'CallExpression' || !TESTS.includes(dottedName(node.callee))) continue;
    const [first] = node.arguments as Node[];
    if (!isNode(first)) continue;
    if (first.type === 'Literal' && typeof first.value === 'string') names.add(first.value);
    if (first.type === 'TemplateLiteral')
      names.add(file.text.slice(first.start + 1, first.end - 1));
  }
  return names;
}

export function testsOf(tree: Tree): Shown['tests'] {
  const files = tree.code.filter(({ path }) => path.endsWith('.test.ts'));
  return new Map(files.map((file) => [file.path, testNames(file)]));
}
