/**
 * A file of several documents: rules, and the correlations that refer to them by name or id, of
 * which exactly one is the outermost. What is referred to raises no alerts of its own, unless
 * `generate` says so.
 */
import { DETECT_LATENESS_MS } from '@vitrine/schema';
import { type Base, ofItsKinds, readBase } from '../base.ts';
import { invalid, unsupported } from '../error.ts';
import { type Extension, readExtension } from '../extension.ts';
import { kindNames, unionOf } from '../kinds.ts';
import type { Members } from '../members.ts';
import { type Metadata, readMetadata } from '../metadata.ts';
import { described, membersShown, type Rule } from '../rule.ts';
import type { Predicate } from '../value.ts';
import { membersBehind } from '../view.ts';
import { type Correlation, readCorrelation } from './read.ts';
import { type CorrelationPlan, CorrelationWatch, latenessBehind } from './watch.ts';

/** One document of the file. */
interface Part {
  /** Its `name` and its `id`. */
  names: string[];
  metadata: Metadata;
  extension: Extension;
  base: Base | undefined;
  correlation: Correlation | undefined;
  /** What it refers to raises alerts as well. */
  generates: boolean;
  /** What it refers to, in order. */
  parts: Part[];
}

type Place = Pick<Rule, 'id' | 'file' | 'text' | 'hash'>;

/** `passes`: what filters let through of a document. Its rules, the outermost first. */
export function readCorrelated(
  documents: readonly Members[],
  place: Place,
  passes: (document: Members) => Predicate[],
): Rule[] {
  const parts = documents.map((document) => readPart(document, passes(document)));
  connect(parts);
  const referred = new Set(parts.flatMap((part) => part.parts));
  const [outermost, another] = parts.filter((part) => !referred.has(part));
  if (outermost === undefined) throw invalid('correlation.rules: the rules refer to each other');
  if (another !== undefined) {
    throw invalid(`nothing refers to ${labelOf(another)} or ${labelOf(outermost)}: one per file`);
  }
  const ordered = inOrder(outermost);
  const generated = new Set(ordered.filter((part) => part.generates).flatMap(({ parts: p }) => p));
  const more = [...generated].map((part) => {
    return ruleOf(part, { ...place, id: `${place.id}.${labelOf(part)}` });
  });
  return [ruleOf(outermost, place), ...more];
}

function readPart(document: Members, passes: readonly Predicate[]): Part {
  const names = [document.name, document.id].filter((name) => typeof name === 'string');
  const isCorrelation = document.correlation !== undefined;
  if (document.filter !== undefined) throw unsupported('a filter has a file of its own');
  if (isCorrelation && document.detection !== undefined) {
    throw invalid('a document has detection or correlation, not both');
  }
  if (isCorrelation && document.logsource !== undefined) {
    throw invalid('a correlation has no logsource: its rules have theirs');
  }
  const base = isCorrelation ? undefined : readBase(document, passes);
  const metadata = base?.metadata ?? readMetadata(document, false);
  const extension = base?.extension ?? readExtension(document['x-vitrine']);
  const { primitive } = extension;
  if (primitive !== undefined) {
    throw unsupported(`x-vitrine.${primitive.name} is not supported in a rule that is correlated`);
  }
  if (isCorrelation && extension.vantage !== undefined) {
    throw invalid('x-vitrine.vantage is for the rules of a correlation, not for itself');
  }
  const correlation = isCorrelation ? readCorrelation(document.correlation, extension) : undefined;
  const generates = generateOf(document);
  return { names, metadata, extension, base, correlation, generates, parts: [] };
}

/** 2.1 of the specification has it beside `correlation`, drafts had it within. */
function generateOf({ generate, correlation }: Members): boolean {
  const inner = (correlation as Members | undefined)?.generate;
  const value = generate ?? inner ?? false;
  if (typeof value !== 'boolean') throw invalid('generate is neither true nor false');
  return value;
}

function connect(parts: readonly Part[]): void {
  const byName = new Map<string, Part>();
  for (const part of parts) {
    for (const name of part.names) {
      if (byName.has(name)) throw invalid(`there are two documents with the name ${name}`);
      byName.set(name, part);
    }
  }
  for (const part of parts) {
    const { correlation } = part;
    if (correlation === undefined) continue;
    part.parts = correlation.rules.map((name) => {
      const found = byName.get(name);
      if (found === undefined) {
        throw unsupported(`correlation.rules: ${name} is in no document of this file`);
      }
      return found;
    });
    checkAliases(correlation);
  }
}

function checkAliases({ aliases, rules, groupBy }: Correlation): void {
  for (const [alias, fields] of aliases) {
    if (!groupBy.includes(alias)) throw invalid(`correlation.aliases.${alias}: no group-by has it`);
    for (const rule of rules) {
      if (!fields.has(rule)) throw invalid(`correlation.aliases.${alias} has no field of ${rule}`);
    }
    for (const name of fields.keys()) {
      if (!rules.includes(name)) throw invalid(`correlation.aliases.${alias}: no rule is ${name}`);
    }
  }
}

/** Each after all that it refers to. */
function inOrder(outermost: Part): Part[] {
  const done = new Set<Part>();
  const open = new Set<Part>();
  const visit = (part: Part): void => {
    if (done.has(part)) return;
    if (open.has(part)) throw invalid('correlation.rules: the rules refer to each other');
    open.add(part);
    for (const below of part.parts) visit(below);
    done.add(part);
  };
  visit(outermost);
  return [...done];
}

function ruleOf(part: Part, place: Place): Rule {
  const { metadata, extension, base } = part;
  const about = described(metadata, extension);
  const ordered = inOrder(part);
  const bases = ordered.flatMap((one) => one.base ?? []);
  const asks = unionOf(bases.map(({ kinds }) => kinds));
  const plan = base === undefined ? planOf(ordered, membersShown(about)) : undefined;
  return {
    ...place,
    ...about,
    kinds: kindNames(asks),
    asks,
    selects: base?.selects ?? (() => false),
    watch: plan === undefined ? undefined : () => new CorrelationWatch(plan),
    lint: {
      unused: bases.flatMap(({ unused }) => unused),
      extension,
      hasLevel: metadata.level !== undefined,
    },
  };
}

function planOf(ordered: readonly Part[], shown: ReadonlySet<string>): CorrelationPlan {
  const nodes = ordered.filter(({ correlation }) => correlation !== undefined);
  const feedsOf = (part: Part): { node: number; role: number }[] =>
    nodes.flatMap(({ parts }, node) =>
      parts.flatMap((below, role) => (below === part ? [{ node, role }] : [])),
    );
  const late = new Map<Part, number>();
  for (const part of nodes) {
    const { parts, extension } = part;
    const behind = parts.map((below) =>
      below.correlation === undefined ? 0 : latenessBehind(below.correlation, late.get(below)!),
    );
    late.set(part, (extension.lateMs ?? DETECT_LATENESS_MS) + Math.max(...behind));
  }
  return {
    bases: ordered.flatMap((part) =>
      part.base === undefined ? [] : [{ selects: ofItsKinds(part.base), feeds: feedsOf(part) }],
    ),
    nodes: nodes.map((part) => {
      return { spec: part.correlation!, feeds: feedsOf(part), lateMs: late.get(part)! };
    }),
    needed: membersBehind([
      ...shown,
      ...nodes.flatMap(({ correlation }) => fieldsOf(correlation!)),
    ]),
  };
}

/** Members of records that groups and values are made from. */
function fieldsOf({ groupBy, aliases, threshold }: Correlation): string[] {
  const aliased = [...aliases.values()].flatMap((fields) => [...fields.values()]);
  const { fields = [], falling } = threshold ?? {};
  return [...groupBy, ...aliased, ...fields, ...(falling === undefined ? [] : [falling.field])];
}

function labelOf({ names, metadata }: Part): string {
  return names[0] ?? metadata.title;
}
