/**
 * Rule files: YAML to predicates. A file either becomes exactly one rule or is refused with its
 * name and the reason; one bad file never stops the others.
 */
import { RULE_BYTES_MAX, RULES_MAX, type Vantage } from '@vitrine/schema';
import { parseAllDocuments } from 'yaml';
import { compileDetection } from './compile.ts';
import { invalid, RuleError, unsupported } from './error.ts';
import { type Extension, readExtension } from './extension.ts';
import { type Level, readMetadata } from './metadata.ts';
import type { Pairing } from './pairs/read.ts';
import type { Predicate } from './value.ts';

export interface RuleFile {
  /** Name with or without folders; without its ending it is the rule's id. */
  name: string;
  text: string;
}

export interface Rule {
  /** The file's name without its ending: `EGR-001`. */
  id: string;
  file: string;
  /** The file itself. */
  text: string;
  /** Sigma's own `id`. */
  uuid: string | undefined;
  title: string;
  description: string | undefined;
  level: Level;
  tags: string[];
  /** Members of the record that an alert repeats (Sigma `fields`). */
  fields: string[];
  falsepositives: string[];
  techniqueV18: string[];
  risk: string[];
  what: string;
  todo: string;
  vantage: Vantage | undefined;
  suppress: { by: string[]; forNs: bigint };
  /** Names of sources: without one of each group nothing fills the fields. */
  needs: string[][];
  pairing: Pairing | undefined;
  /** Kinds of its logsource; undefined for all. */
  kinds: string[] | undefined;
  matches: Predicate;
  /** What the linter wants to know; not used in detection. */
  lint: { unused: string[]; extension: Extension; hasLevel: boolean };
}

export interface RefusedRule {
  file: string;
  code: string;
  reason: string;
}

export interface LoadedRules {
  rules: Rule[];
  refused: RefusedRule[];
}

const RULE_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** Files are taken in the order given; of two with the same id the second is refused. */
export function loadRules(files: RuleFile[]): LoadedRules {
  const rules = new Map<string, Rule>();
  const refused: RefusedRule[] = [];
  for (const file of files) {
    try {
      const rule = loadRule(file);
      if (rules.has(rule.id)) {
        throw new RuleError('RULE_DUPLICATE', `there is a rule ${rule.id} already`);
      }
      if (rules.size >= RULES_MAX) {
        throw new RuleError('RULE_TOO_LARGE', `there are ${RULES_MAX} rules already`);
      }
      rules.set(rule.id, rule);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      refused.push({ file: file.name, code: error.code, reason: error.message });
    }
  }
  return { rules: [...rules.values()], refused };
}

function loadRule(file: RuleFile): Rule {
  const id = idOf(file.name);
  const document = parseYaml(file.text);
  if (document.correlation !== undefined) {
    const { type } = (document.correlation ?? {}) as { type?: unknown };
    throw unsupported(`correlation ${type} is not supported`);
  }
  if (document.filter !== undefined) throw unsupported('filters are not supported');
  const metadata = readMetadata(document);
  const extension = readExtension(document['x-vitrine']);
  const { detection } = document;
  if (typeof detection !== 'object' || detection === null || Array.isArray(detection)) {
    throw invalid('detection is missing');
  }
  const { matches, unused } = compileDetection(detection as Record<string, unknown>);
  const { level = 'medium', title } = metadata;
  return {
    ...metadata,
    id,
    file: file.name,
    text: file.text,
    level,
    matches,
    techniqueV18: extension.techniqueV18,
    risk: extension.risk,
    what: extension.what ?? `${title}, in session {session}.`,
    todo: extension.todo ?? 'Look at the evidence and at what the session did around it.',
    vantage: extension.vantage,
    suppress: extension.suppress,
    needs: extension.needs,
    pairing: extension.pairing,
    lint: { unused, extension, hasLevel: metadata.level !== undefined },
  };
}

function idOf(name: string): string {
  const id = name.slice(name.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '');
  if (!RULE_NAME.test(id)) throw invalid(`the file name ${JSON.stringify(id)} is no rule id`);
  return id;
}

/** Plain YAML 1.2: no aliases (they can grow without bound), no tags, no doubled keys. */
function parseYaml(text: string): Record<string, unknown> {
  if (Buffer.byteLength(text) > RULE_BYTES_MAX) {
    throw new RuleError('RULE_TOO_LARGE', `the file has more than ${RULE_BYTES_MAX} bytes`);
  }
  const value = readYaml(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('the file is not a map');
  }
  return value as Record<string, unknown>;
}

function readYaml(text: string): unknown {
  try {
    const documents = parseAllDocuments(text, { schema: 'core', uniqueKeys: true });
    if (!Array.isArray(documents) || documents.length === 0) throw invalid('the file is empty');
    if (documents.length > 1) {
      throw unsupported('the file has several documents: correlations are not supported');
    }
    const document = documents[0]!;
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) throw malformed(problem);
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw error instanceof RuleError ? error : malformed(error);
  }
}

function malformed(cause: unknown): RuleError {
  const first = cause instanceof Error ? cause.message.split('\n')[0]! : 'the YAML cannot be read';
  return new RuleError('RULE_MALFORMED', first.replace(/:$/, ''), '', { cause });
}
