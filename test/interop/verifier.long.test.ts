/**
 * The second verifier (`test/interop/verifier`, Go, written from docs/reference/log.md alone) and
 * ours: the same code for every golden bundle, for every bundle of the attack table, and for
 * thousands that were changed at random, or sealed and signed by a log that lies.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Verdict } from '@vitrine/chain';
import { buildGo } from '../acceptance/path/go.ts';
import { isGiven } from '../acceptance/path/requirement.ts';
import { goldenSubjects } from '../attacks/golden.ts';
import type { Subject } from '../attacks/row.ts';
import { BUNDLE_ROWS } from '../attacks/table.ts';
import { verdictOn } from '../attacks/verdict.ts';
import { mutated } from './mutations.ts';
import { Random } from './random.ts';
import { forgedSubject } from './stories.ts';

const SOURCE = fileURLToPath(new URL('verifier', import.meta.url));
/** Another seed makes other bundles; a difference is found again under the seed it came from. */
const SEED = Number(process.env.VITRINE_SEED ?? 6);
const CASES = Number(process.env.VITRINE_CASES ?? 3000);
/** Larger ones take their time in the table's own test, and are changed there. */
const MUTATED_BYTES_MAX = 30_000;
/** Steps of §5 that a change of a file alone can reach. */
const STEPS: Step[] = ['form', 'trust', 'pin', 'seal', 'chains', 'claim', 'attached', 'parts'];

type Step = NonNullable<Verdict['failure']>['step'];

interface Case {
  id: string;
  subject: Subject;
  code?: number;
}

interface Answer {
  id: string;
  code: number;
  failure?: { step: string; at: string; expected: string };
}

class SecondVerifier {
  readonly #dir: string;
  readonly #program: string;

  constructor(dir: string, program: string) {
    this.#dir = dir;
    this.#program = program;
  }

  /** Asks about many files in one run. */
  answers(cases: Case[]): Map<string, Answer> {
    const dir = mkdtempSync(join(this.#dir, 'cases-'));
    for (const { id, subject } of cases) {
      writeFileSync(join(dir, `${id}.vitrine.json`), subject.bundle);
      writeFileSync(join(dir, `${id}.json`), JSON.stringify({ id, args: subject.args }));
    }
    const run = spawnSync(this.#program, ['--cases', dir], {
      encoding: 'utf8',
      maxBuffer: 256 * 1_048_576,
    });
    assert.equal(run.status, 0, run.stderr);
    rmSync(dir, { recursive: true });
    const lines = run.stdout.trimEnd().split('\n');
    return new Map(lines.map((line) => JSON.parse(line) as Answer).map((one) => [one.id, one]));
  }

  /** One line for each bundle about which the two, or the expected code, do not agree. */
  compare(cases: Case[]): { differences: string[]; codes: Set<number>; steps: Set<unknown> } {
    const answers = this.answers(cases);
    const [codes, steps] = [new Set<number>(), new Set<unknown>()];
    const differences = cases.flatMap(({ id, subject, code }) => {
      const [ours, other] = [verdictOn(subject), answers.get(id)];
      codes.add(ours.code);
      steps.add(ours.failure?.step);
      if (other?.code === ours.code && (code ?? ours.code) === ours.code) return [];
      const places = [ours.failure, other?.failure].map((at) => JSON.stringify(at) ?? '-');
      return [`${id}: expected ${code ?? '-'}, ours ${ours.code} ${places[0]}, other ${places[1]}`];
    });
    return { differences, codes, steps };
  }
}

function many(make: (random: Random) => Subject): Case[] {
  const random = new Random(SEED);
  return Array.from({ length: CASES }, (_, i) => ({ id: `${SEED}-${i}`, subject: make(random) }));
}

function tableCases(): Case[] {
  return BUNDLE_ROWS.flatMap(({ id, code, make }) => {
    const { sound, attacked } = make();
    return [
      { id: `${id}.sound`, subject: sound, code: 0 },
      { id, subject: attacked, code },
    ];
  });
}

test('two verifiers of one specification', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-second-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const program = join(dir, 'verifier');
  const without = buildGo(SOURCE, program);
  if (!isGiven(t, without === '', without)) return;
  const second = new SecondVerifier(dir, program);
  const golden = goldenSubjects();

  await t.test('agree on every golden bundle', () => {
    assert.deepEqual(second.compare(golden).differences, []);
  });

  await t.test('agree on every bundle of the attack table', () => {
    assert.deepEqual(second.compare(tableCases()).differences, []);
  });

  await t.test('agree on golden bundles, trust files and pins that were changed', () => {
    const cases = many((random) => mutated(random.pick(golden).subject, random));
    const { differences, steps } = second.compare(cases);
    assert.deepEqual(differences, []);
    const idle = STEPS.filter((step) => !steps.has(step));
    assert.deepEqual(idle, [], 'some step refused nothing: more cases are needed');
  });

  await t.test('agree on bundles of the attack table that were changed', () => {
    const all = tableCases().map(({ subject }) => subject);
    const small = all.filter(({ bundle }) => bundle.length <= MUTATED_BYTES_MAX);
    const cases = many((random) => mutated(random.pick(small), random));
    assert.deepEqual(second.compare(cases).differences, []);
  });

  await t.test('agree on what a log seals and signs that tells its story wrong', () => {
    const { differences, codes } = second.compare(many(forgedSubject));
    assert.deepEqual(differences, []);
    const idle = [0, 1, 3, 4, 5].filter((code) => !codes.has(code));
    assert.deepEqual(idle, [], 'some code was never given: more cases are needed');
  });

  await t.test('would be noticed to differ', () => {
    const [first] = golden;
    assert.equal(second.compare([{ ...first!, code: 1 }]).differences.length, 1);
    const empty = { bundle: Buffer.from('{}'), args: first!.subject.args };
    const exchanged = second.answers([{ id: first!.id, subject: empty }]).get(first!.id);
    assert.notEqual(exchanged!.code, verdictOn(first!.subject).code);
  });

  await t.test('the command takes the options of `vitrine verify`, and ends with the code', () => {
    mkdirSync(join(dir, 'one'));
    for (const { id, subject, code } of golden) {
      const answer = asked(program, join(dir, 'one'), subject);
      assert.equal(answer.status, code, id);
      assert.equal((JSON.parse(answer.stdout) as Answer).code, code, id);
    }
  });
});

/** The program as a person runs it. */
function asked(program: string, dir: string, { bundle, args }: Subject) {
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  const flags = [file('bundle', bundle), '--trust', file('trust', args.trust), '--now', args.now];
  if (args.pin !== undefined) flags.push('--pin', file('pin', args.pin));
  if (args.maxAge !== undefined) flags.push('--max-age', String(args.maxAge));
  for (const [name, value] of Object.entries(args.expect ?? {})) {
    flags.push(`--expect-${name}`, value);
  }
  if (args.requireClosed) flags.push('--require-closed');
  if (args.requireLossless) flags.push('--require-lossless');
  if (args.requireParts) flags.push('--require-parts');
  return spawnSync(program, flags, { encoding: 'utf8' });
}
