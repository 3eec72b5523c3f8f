/** A rule that a command names: a file or folder of files, or the id of one that runs. */
import { existsSync } from 'node:fs';
import { loadRules, type Rule, type RuleFile } from '@vitrine/detect';
import type { Client } from '../client/client.ts';
import { CliError } from '../error.ts';
import { readRuleFiles } from '../system/rule-files.ts';

/** Throws what the loader refuses, RULE_UNUSABLE; asks `client` only for an id. */
export async function findRules(given: string, client: () => Client): Promise<Rule[]> {
  const { rules, refused } = loadRules(await filesOf(given, client));
  const [first] = refused;
  if (first === undefined && rules.length > 0) return rules;
  const reason = first === undefined ? `${given} has no rule` : `${first.file}: ${first.reason}`;
  const hint = `npx --no vitrine rules lint ${given} names every fault`;
  throw new CliError(first?.code ?? 'USAGE', reason, hint);
}

async function filesOf(given: string, client: () => Client): Promise<RuleFile[]> {
  if (existsSync(given) || /\.ya?ml$/.test(given) || given.includes('/')) {
    return readRuleFiles(given);
  }
  const { file, text } = await client().rule(given);
  return [{ name: file, text }];
}
