/**
 * A rule taken apart for its reader: each selection with its lines, and for one event which line
 * held and which did not. Every line is compiled and asked by itself, by the code that detection
 * asks, so that what is said here is what happens there.
 */
import { isVantage, type Json, type JsonObject, VANTAGES } from '@vitrine/schema';
import { parseAllDocuments } from 'yaml';
import { compileDetection } from './compile.ts';
import type { DetectInput } from './input.ts';
import { hasKind, kindSet } from './kinds.ts';
import { kindsOfCategory } from './metadata.ts';
import { SessionContext } from './session.ts';
import type { Predicate } from './value.ts';
import { EventView, fieldReader, vantageOf } from './view.ts';

type Members = Record<string, unknown>;

/** One line of a selection: `http.host|startswith: api.`; of a keyword `field` is empty. */
export interface RuleLine {
  field: string;
  modifiers: string[];
  values: Json[];
}

export interface RuleSelection {
  name: string;
  /** One of these has to hold, with all of its lines. */
  alternatives: RuleLine[][];
}

/** One document of a rule file that selects events. */
export interface RulePart {
  /** `own` of a rule by itself; of a correlation the names of what it counts; `partner`. */
  name: string;
  /** A dot at the end stands for all kinds below; null for all. */
  kinds: string[] | null;
  /** The least independent observer whose word counts. */
  vantage: string | null;
  selections: RuleSelection[];
  condition: string;
}

export interface RuleOutline {
  /** Sigma's `status`: how far the rule is trusted by its author. */
  status: string | null;
  parts: RulePart[];
  /** `correlation` blocks of the file as they stand there. */
  correlations: JsonObject[];
  /** Members of `x-vitrine` that say how several events make one finding. */
  stateful: JsonObject;
}

export interface LineVerdict extends RuleLine {
  held: boolean;
  /** The member that was looked at; undefined where the event has none. */
  found: Json | undefined;
}

export interface PartVerdict {
  name: string;
  kindHeld: boolean;
  vantageHeld: boolean;
  /** The condition over the selections. */
  held: boolean;
  selections: { name: string; held: boolean; alternatives: LineVerdict[][] }[];
}

const STATEFUL = ['absence', 'join', 'gap', 'baseline', 'taint', 'changed', 'falling'];
/** Members of these that select other records, by what they are called. */
const SELECTING = { of: 'partner', source: 'source', unless: 'unless', known: 'known' };

/** `text`: a rule file that `loadRules` takes. */
export function outlineRule(text: string): RuleOutline {
  const documents = documentsOf(text);
  const stateful: JsonObject = {};
  for (const document of documents) {
    const own = isMembers(document['x-vitrine']) ? document['x-vitrine'] : {};
    for (const name of STATEFUL) if (name in own) stateful[name] = own[name] as Json;
  }
  const status = documents.map((document) => document.status).find((text) => text !== undefined);
  return {
    status: typeof status === 'string' ? status : null,
    parts: documents.flatMap(partsOf).map(({ part }) => part),
    correlations: documents.flatMap(({ correlation }) =>
      isMembers(correlation) ? [correlation as JsonObject] : [],
    ),
    stateful,
  };
}

/** What each part of the rule says of one event; `open`: the record that opened its session. */
export function judgeEvent(
  text: string,
  row: DetectInput,
  open: JsonObject | undefined,
): PartVerdict[] {
  const view = new EventView(row, open === undefined ? undefined : new SessionContext(open));
  return documentsOf(text)
    .flatMap(partsOf)
    .map(({ part, detection }) => {
      const { name, kinds, vantage } = part;
      const rank = (text: string): number => (VANTAGES as readonly string[]).indexOf(text);
      return {
        name,
        kindHeld: kinds === null || hasKind(kindSet(kinds), row.kind),
        vantageHeld: vantage === null || rank(vantageOf(row)) >= rank(vantage),
        held: compileDetection(detection).matches(view),
        selections: part.selections.map((selection) => judgeSelection(selection, detection, view)),
      };
    });
}

function judgeSelection(
  { name, alternatives }: RuleSelection,
  detection: Members,
  view: EventView,
): PartVerdict['selections'][number] {
  const { [name]: selected } = detection;
  return {
    name,
    held: predicateOf(selected)(view),
    alternatives: alternatives.map((lines) =>
      lines.map((line) => {
        const found = line.field === '' ? undefined : fieldReader(line.field)(view);
        return { ...line, held: predicateOfLine(line)(view), found };
      }),
    ),
  };
}

function predicateOfLine({ field, modifiers, values }: RuleLine): Predicate {
  const value = values.length === 1 ? values[0] : values;
  if (field === '' && modifiers.length === 0) return predicateOf(values);
  return predicateOf({ [[field, ...modifiers].join('|')]: value });
}

function predicateOf(selected: unknown): Predicate {
  return compileDetection({ selected, condition: 'selected' }).matches;
}

function partsOf(document: Members, i: number): { part: RulePart; detection: Members }[] {
  const { detection, logsource, name } = document;
  const extension = isMembers(document['x-vitrine']) ? document['x-vitrine'] : {};
  const found: { part: RulePart; detection: Members }[] = [];
  if (isMembers(detection)) {
    const { category } = isMembers(logsource) ? logsource : {};
    const kinds = typeof category === 'string' ? kindsOfCategory(category) : null;
    const vantage = isVantage(extension.vantage) ? extension.vantage : null;
    const called = typeof name === 'string' ? name : i === 0 ? 'own' : String(i + 1);
    found.push({ part: { name: called, kinds, vantage, ...outline(detection) }, detection });
  }
  for (const how of STATEFUL) {
    const block = extension[how];
    for (const [member, called] of Object.entries(SELECTING)) {
      const of = isMembers(block) ? block[member] : undefined;
      if (!isMembers(of)) continue;
      const part = { name: called, kinds: null, vantage: null, ...outline(of) };
      found.push({ part, detection: of });
    }
  }
  return found;
}

function outline(detection: Members): Pick<RulePart, 'selections' | 'condition'> {
  const { condition, ...selections } = detection;
  return {
    selections: Object.entries(selections).map(([name, value]) => {
      return { name, alternatives: alternativesOf(value) };
    }),
    condition: Array.isArray(condition) ? condition.join(' or ') : String(condition),
  };
}

function alternativesOf(value: unknown): RuleLine[][] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((item) =>
    isMembers(item)
      ? Object.entries(item).map(([key, values]) => lineOf(key, values))
      : [{ field: '', modifiers: [], values: [item as Json] }],
  );
}

function lineOf(key: string, value: unknown): RuleLine {
  const [field = '', ...modifiers] = key.split('|');
  return { field, modifiers, values: (Array.isArray(value) ? value : [value]) as Json[] };
}

function documentsOf(text: string): Members[] {
  const documents = parseAllDocuments(text, { schema: 'core', uniqueKeys: true });
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => document.toJS({ maxAliasCount: 0 })).filter(isMembers);
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
