/** A rule as the engine runs it, and what a file's author wants to know about it. */
import type { Vantage } from '@vitrine/schema';
import type { Extension } from './extension.ts';
import type { KindSet } from './kinds.ts';
import type { Level, Metadata, Status } from './metadata.ts';
import type { Predicate } from './value.ts';
import type { Watch } from './watch.ts';

export interface RuleFile {
  /** Name with or without folders; without its ending it is the rule's id. */
  name: string;
  text: string;
}

export interface Rule {
  /** The file's name without its ending: `EGR-001`; `.NAME` behind it for a generated one. */
  id: string;
  file: string;
  /** The file itself. */
  text: string;
  /** Of the file and of the filters that are applied to it, hexadecimal. */
  hash: string;
  /** Sigma's own `id`. */
  uuid: string | undefined;
  title: string;
  description: string | undefined;
  status: Status;
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
  /** Kinds of records that it looks at; what ends with a dot stands for all below. */
  kinds: readonly string[] | undefined;
  /** The same, to be asked. */
  asks: KindSet;
  /** The record fires the rule, of one that remembers nothing. */
  selects: Predicate;
  /** What remembers for it, made anew. */
  watch: (() => Watch) | undefined;
  /** What the linter wants to know; not used in detection. */
  lint: { unused: string[]; extension: Extension; hasLevel: boolean };
}

/** The part of a rule that its metadata and extension alone decide. */
export function described(
  metadata: Metadata,
  extension: Extension,
): Omit<Rule, 'id' | 'file' | 'text' | 'hash' | 'kinds' | 'asks' | 'selects' | 'watch' | 'lint'> {
  const { uuid, title, description, status, level = 'medium', tags } = metadata;
  const { fields, falsepositives } = metadata;
  const { techniqueV18, risk, vantage, suppress, needs } = extension;
  return {
    ...{ uuid, title, description, status, level, tags, fields, falsepositives },
    ...{ techniqueV18, risk, vantage, suppress, needs },
    what: extension.what ?? `${title}, in session {session}.`,
    todo: extension.todo ?? 'Look at the evidence and at what the session did around it.',
  };
}

/** Members of a record that an alert of the rule repeats or is told apart by. */
export function membersShown({ fields, suppress, what }: ReturnType<typeof described>) {
  const filled = [...what.matchAll(/\{([a-z0-9_.]+)\}/g)].map(([, name]) => name!);
  return new Set([...fields, ...suppress.by, ...filled]);
}
