/** The rule's own members beyond Sigma, under `x-vitrine`. Unknown names are refused. */
import { isVantage, type Vantage } from '@vitrine/schema';
import { type Falling, readFalling } from './correlation/falling.ts';
import { durationOf } from './duration.ts';
import { invalid } from './error.ts';
import { latenessOf, positiveOf } from './members.ts';
import { readBaseline } from './memory/baseline.ts';
import { readChanged } from './memory/changed.ts';
import { readGap } from './memory/gap.ts';
import type { Primitive } from './memory/primitive.ts';
import { readTaint } from './memory/taint.ts';
import { readAbsence, readJoin } from './pairs/read.ts';

export interface Extension {
  /** One sentence for the alert; `{field}` stands for a member of the record. */
  what: string | undefined;
  /** One sentence: what the reader should do. */
  todo: string | undefined;
  /** The technique's id before ATT&CK v19, for tools that know no other. */
  techniqueV18: string[];
  risk: string[];
  /** The least independent observer whose word the rule takes. */
  vantage: Vantage | undefined;
  suppress: { by: string[]; forNs: bigint };
  /** Names of sources: without one of each group nothing fills the fields. */
  needs: string[][];
  /** The rule is about more than one record. */
  primitive: { name: string; is: Primitive } | undefined;
  /** How late the records of a correlation may come, milliseconds. */
  lateMs: number | undefined;
  /** With fewer values an average or a percentile is not compared. */
  min: number | undefined;
  /** Another member whose numbers have to become smaller, of an average. */
  falling: Falling | undefined;
}

const PRIMITIVES: Record<string, (value: unknown) => Primitive> = {
  absence: readAbsence,
  join: readJoin,
  gap: readGap,
  baseline: readBaseline,
  taint: readTaint,
  changed: readChanged,
};

const RISKS = ['user_misuse', 'model_misbehaviour', 'external_attacker'];
const SUPPRESS_FOR_NS = 900_000_000_000n;
const SENTENCE_CHARS_MAX = 400;

export function readExtension(value: unknown): Extension {
  const members = mapOf(value ?? {}, 'x-vitrine');
  const { what, todo, technique_v18, risk, vantage, suppress, needs, ...more } = members;
  const { late, min, falling, ...rest } = more;
  const unknown = Object.keys(rest).find((name) => !Object.hasOwn(PRIMITIVES, name));
  if (unknown !== undefined) throw invalid(`x-vitrine.${unknown} is not known`);
  if (vantage !== undefined && !isVantage(vantage)) {
    throw invalid(`x-vitrine.vantage: ${vantage} is no vantage`);
  }
  const risks = textsOf(risk, 'risk');
  const wrong = risks.find((name) => !RISKS.includes(name));
  if (wrong !== undefined) {
    throw invalid(`x-vitrine.risk: ${wrong} is not one of ${RISKS.join(', ')}`);
  }
  return {
    what: sentenceOf(what, 'what'),
    todo: sentenceOf(todo, 'todo'),
    techniqueV18: textsOf(technique_v18, 'technique_v18'),
    risk: risks,
    vantage: vantage as Vantage | undefined,
    suppress: readSuppress(suppress),
    needs: readNeeds(needs),
    primitive: primitiveOf(rest),
    lateMs: late === undefined ? undefined : latenessOf(late, 'x-vitrine.late'),
    min: min === undefined ? undefined : positiveOf(min, 'x-vitrine.min'),
    falling: falling === undefined ? undefined : readFalling(falling),
  };
}

function primitiveOf(members: Record<string, unknown>): Extension['primitive'] {
  const [name, another] = Object.keys(members);
  if (name === undefined) return undefined;
  if (another !== undefined) throw invalid(`x-vitrine: a rule has ${name} or ${another}, not both`);
  return { name, is: PRIMITIVES[name]!(members[name]) };
}

function readSuppress(value: unknown): Extension['suppress'] {
  const members = mapOf(value ?? {}, 'x-vitrine.suppress');
  const { by, for: time, ...rest } = members;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw invalid(`x-vitrine.suppress.${unknown} is not known`);
  return { by: textsOf(by, 'suppress.by'), forNs: silenceOf(time) };
}

function readNeeds(value: unknown): string[][] {
  if (value !== undefined && !Array.isArray(value)) throw invalid('x-vitrine.needs is not a list');
  return (value ?? []).map((group: unknown) => {
    const names = textsOf(group, 'needs');
    if (names.length === 0) throw invalid('x-vitrine.needs: a group has no name');
    return names;
  });
}

function silenceOf(value: unknown): bigint {
  if (value === undefined) return SUPPRESS_FOR_NS;
  return BigInt(durationOf(value, 'x-vitrine.suppress.for')) * 1_000_000n;
}

function mapOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${name} is not a map`);
  }
  return value as Record<string, unknown>;
}

function textsOf(value: unknown, name: string): string[] {
  const list = value ?? [];
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string' && item !== '')) {
    throw invalid(`x-vitrine.${name} is not a list of texts`);
  }
  return list;
}

function sentenceOf(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > SENTENCE_CHARS_MAX) {
    throw invalid(`x-vitrine.${name} is not a text of up to ${SENTENCE_CHARS_MAX} characters`);
  }
  return value;
}
