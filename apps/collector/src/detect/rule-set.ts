/**
 * Which rules run, as a thing that changes: what a set is called, and what differs from the one
 * before. The name is what `sha256sum *.yml | sha256sum` prints in a folder of the same files, so
 * that an auditor makes it from the rules alone.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { RuleFile } from '@vitrine/detect';
import { type JsonObject, RULE_CHANGES_NAMED_MAX } from '@vitrine/schema';
import type { RuleChange } from '@vitrine/schema/api';

/** SHA-256 of each file by the rule's id. */
export type RuleHashes = Record<string, string>;

export function hashesOf(files: readonly RuleFile[]): RuleHashes {
  return Object.fromEntries(files.map(({ name, text }) => [idOf(name), sha256(text)]));
}

export function setHash(files: readonly RuleFile[]): string {
  const named = files.map(({ name, text }) => [basename(name), sha256(text)] as const);
  const sorted = named.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sha256(sorted.map(([name, hash]) => `${hash}  ${name}\n`).join(''));
}

/** From the rules `before` (none: a first start) to those of `files`. */
export function changeOf(
  before: { hash: string; rules: RuleHashes } | undefined,
  files: readonly RuleFile[],
): RuleChange {
  const old = new Map(Object.entries(before?.rules ?? {}));
  const now = new Map(Object.entries(hashesOf(files)));
  const ids = [...now.keys()];
  return {
    hash: setHash(files),
    was: before?.hash ?? null,
    count: files.length,
    added: ids.filter((id) => !old.has(id)),
    removed: [...old.keys()].filter((id) => !now.has(id)),
    changed: ids.filter((id) => old.has(id) && old.get(id) !== now.get(id)),
  };
}

/** Members of the `config` record: of a long list its beginning, and how many there are. */
export function changeFields({ hash, was, count, ...lists }: RuleChange): JsonObject {
  const named = Object.entries(lists).flatMap(([name, ids]): [string, JsonObject[string]][] => [
    [name, ids.slice(0, RULE_CHANGES_NAMED_MAX)],
    ...(ids.length > RULE_CHANGES_NAMED_MAX
      ? [[`${name}_total`, ids.length] as [string, number]]
      : []),
  ]);
  return { subject: 'rules', hash, was, count, ...Object.fromEntries(named) };
}

function idOf(name: string): string {
  return basename(name).replace(/\.ya?ml$/, '');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
