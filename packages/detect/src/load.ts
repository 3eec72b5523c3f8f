/**
 * Rule files: YAML to predicates. A file becomes one rule, a correlation with what it refers to, or
 * a filter; or it is refused with its name and the reason. One bad file never stops the others.
 */
import { createHash } from 'node:crypto';
import { RULES_MAX } from '@vitrine/schema';
import type { RefusedRule } from '@vitrine/schema/api';
import { ofItsKinds, readBase } from './base.ts';
import { readCorrelated } from './correlation/load.ts';
import { DetectError, invalid, unsupported } from './error.ts';
import { checkFilter, type Filter, filtersFor, type Named, readFilter } from './filter.ts';
import { kindNames, unionOf } from './kinds.ts';
import type { Members } from './members.ts';
import { described, membersShown, type Rule, type RuleFile } from './rule.ts';
import type { Predicate } from './value.ts';
import { parseDocuments } from './yaml.ts';

/** A filter that was applied. */
export interface AppliedFilter {
  file: string;
  title: string;
  /** Ids of the rules that it changes. */
  rules: string[];
  /** It lets through nothing but what it names: rarely what is meant. */
  narrows: boolean;
}

export interface LoadedRules {
  rules: Rule[];
  refused: RefusedRule[];
  filters: AppliedFilter[];
}

/** A file that was read as far as its documents. */
interface Read {
  file: RuleFile;
  id: string;
  documents: Members[];
}

const RULE_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** Files are taken in the order given; of two with the same id the second is refused. */
export function loadRules(files: readonly RuleFile[]): LoadedRules {
  const loading = new Loading();
  const read = files.flatMap((file) => loading.read(file));
  const isFilter = ({ documents }: Read): boolean => documents[0]!.filter !== undefined;
  const rules = read.filter((one) => !isFilter(one));
  const known = rules.flatMap(namedIn);
  for (const one of read.filter(isFilter)) loading.filter(one, known);
  for (const one of rules) loading.rule(one);
  return loading.loaded(files);
}

class Loading {
  readonly #rules = new Map<string, Rule>();
  readonly #refused: RefusedRule[] = [];
  readonly #filters: Filter[] = [];
  readonly #applied = new Map<Filter, string[]>();

  read(file: RuleFile): Read[] {
    return this.#try(file, () => [
      { file, id: idOf(file.name), documents: parseDocuments(file.text) },
    ]);
  }

  filter({ file, documents }: Read, known: readonly Named[]): void {
    this.#try(file, () => {
      if (documents.length > 1) throw unsupported('a filter has a file of its own');
      const filter = readFilter(file.name, file.text, documents[0]!);
      checkFilter(filter, known);
      this.#filters.push(filter);
      this.#applied.set(filter, []);
      return [];
    });
  }

  rule(read: Read): void {
    this.#try(read.file, () => {
      const of = filtersOf(read, this.#filters);
      const applied = new Set(read.documents.flatMap(of));
      const made = rulesOf(read, of, applied);
      for (const { id } of made) {
        if (this.#rules.has(id)) {
          throw new DetectError('RULE_DUPLICATE', `there is a rule ${id} already`);
        }
      }
      if (this.#rules.size + made.length > RULES_MAX) {
        throw new DetectError('RULE_TOO_LARGE', `there are ${RULES_MAX} rules already`);
      }
      for (const rule of made) this.#rules.set(rule.id, rule);
      for (const filter of applied) this.#applied.get(filter)!.push(read.id);
      return [];
    });
  }

  loaded(files: readonly RuleFile[]): LoadedRules {
    const places = new Map(files.map(({ name }, i) => [name, i]));
    const placeOf = ({ file }: { file: string }): number => places.get(file) ?? 0;
    return {
      rules: [...this.#rules.values()],
      refused: this.#refused.sort((a, b) => placeOf(a) - placeOf(b)),
      filters: [...this.#applied].map(([{ file, title, narrows }, rules]) => {
        return { file, title, rules, narrows };
      }),
    };
  }

  #try<T>(file: RuleFile, work: () => T[]): T[] {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof DetectError)) throw error;
      const { code, message, hint } = error;
      this.#refused.push({ file: file.name, code, reason: message, hint });
      return [];
    }
  }
}

/** The filters of each document of the file. */
function filtersOf(read: Read, filters: readonly Filter[]): (document: Members) => Filter[] {
  const whole = filtersFor(filters, namedOf(read));
  return (document) => [...new Set([...whole, ...filtersFor(filters, namedBy(document))])];
}

function rulesOf(
  { file, id, documents }: Read,
  of: (document: Members) => Filter[],
  applied: ReadonlySet<Filter>,
): Rule[] {
  const texts = [file.text, ...[...applied].map(({ text }) => text)];
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  const place = { id, file: file.name, text: file.text, hash };
  const passes = (document: Members): Predicate[] => of(document).map((filter) => filter.passes);
  const [first] = documents;
  const isAlone = documents.length === 1 && first!.correlation === undefined;
  if (!isAlone) return readCorrelated(documents, place, passes);
  return [singleRule(first!, place, passes(first!))];
}

function singleRule(
  document: Members,
  place: Pick<Rule, 'id' | 'file' | 'text' | 'hash'>,
  passes: readonly Predicate[],
): Rule {
  const base = readBase(document, passes);
  const { metadata, extension, kinds, selects, unused } = base;
  const about = described(metadata, extension);
  const primitive = extension.primitive?.is;
  const asks = primitive === undefined ? kinds : unionOf([kinds, primitive.kinds]);
  const own = ofItsKinds(base);
  const shown = membersShown(about);
  return {
    ...place,
    ...about,
    kinds: kindNames(asks),
    asks,
    selects,
    watch: primitive === undefined ? undefined : () => primitive.make(own, shown),
    lint: { unused, extension, hasLevel: metadata.level !== undefined },
  };
}

/** The file as a whole: what is said of it is said of each of its documents. */
function namedOf({ id, documents }: Read): Named {
  const outermost = documents.find(({ correlation }) => correlation !== undefined);
  const { names, category } = namedBy(outermost ?? documents[0]!);
  return { names: [id, ...names], category: outermost === undefined ? category : ANY };
}

/** A correlation is of every logsource. */
const ANY = Symbol('any');

function namedIn(read: Read): Named[] {
  return [namedOf(read), ...read.documents.map(namedBy)];
}

function namedBy({ name, id, logsource }: Members): Named {
  const { category } = (logsource ?? {}) as Members;
  return { names: [name, id].filter((one) => typeof one === 'string'), category };
}

function idOf(name: string): string {
  const id = name.slice(name.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '');
  if (!RULE_NAME.test(id)) throw invalid(`the file name ${JSON.stringify(id)} is no rule id`);
  return id;
}
