/** Runs a parser over mutants of its seeds: each ends in time, in a coded error or in its law. */
import assert from 'node:assert/strict';
import { mutate, randomOf } from './mutate.ts';
import { PARSERS, type Parser } from './parsers.ts';

const SEED = 20_261_128;
const CODE = /^(RECORD|NOTE|KEY|TRUST|PIN|BUNDLE)_[A-Z_]+$/;
/** Of one input, on a machine that does other things as well. */
const MS_MAX = 10_000;

export interface Fuzzed {
  inputs: number;
  accepted: number;
  msMax: number;
  /** How often each code was the answer. */
  codes: Record<string, number>;
}

/** Every parser with its share of `inputs`. */
export function fuzzAll(inputs: number): Record<string, Fuzzed> {
  const total = PARSERS.reduce((sum, { share }) => sum + share, 0);
  const entries = PARSERS.map((parser) => {
    return [parser.name, fuzz(parser, Math.ceil((inputs * parser.share) / total))] as const;
  });
  return Object.fromEntries(entries);
}

function fuzz({ name, seeds, parse, acceptedMin }: Parser, inputs: number): Fuzzed {
  const random = randomOf(SEED);
  const fuzzed: Fuzzed = { inputs, accepted: 0, msMax: 0, codes: {} };
  for (let i = 0; i < inputs; i++) {
    const input = mutate(random, seeds[random(seeds.length)]!, seeds);
    const start = performance.now();
    const code = answerTo(parse, input, `${name}, input ${i}`);
    fuzzed.msMax = Math.max(fuzzed.msMax, performance.now() - start);
    if (code === undefined) fuzzed.accepted++;
    else fuzzed.codes[code] = (fuzzed.codes[code] ?? 0) + 1;
  }
  assert.ok(fuzzed.msMax < MS_MAX, `${name}: ${fuzzed.msMax} ms for one input`);
  const least = (inputs * acceptedMin) / 1_000;
  assert.ok(fuzzed.accepted >= least, `${name}: only ${fuzzed.accepted} of ${inputs} accepted`);
  return fuzzed;
}

/** The code of the refusal; any other error fails with the input that made it. */
function answerTo(parse: Parser['parse'], input: Buffer, where: string): string | undefined {
  try {
    parse(input);
    return undefined;
  } catch (error) {
    const { code, hint } = error as { code?: unknown; hint?: unknown };
    if (typeof code === 'string' && CODE.test(code) && typeof hint === 'string') return code;
    throw new Error(`${where}: ${input.toString('base64')}`, { cause: error });
  }
}
