/** Puts what the steps found into the verdict (LOG.md §5). */
import {
  SEAL_AGE_MS_WARN,
  TITLE_CHARS_MAX,
  VERDICT_ITEMS_MAX,
  WITNESS_DELAY_MS_MAX,
} from '@vitrine/schema/record';
import type { ChainError } from '../error.ts';
import { type Case, lastSeq, sealOf } from './case.ts';
import { notProvenBy, provenBy } from './sentences.ts';
import { NS_PER_MS } from './time.ts';
import { type ExitCode, type Failure, VERDICT_WORDS, type Verdict } from './verdict.ts';

/** Bundle, trust file, pin or options could not be read. */
export function malformedVerdict(error: ChainError): Verdict {
  const at = PLACES[error.code] ?? 'bundle';
  const failure: Failure = {
    code: 2,
    step: 'form',
    at,
    expected: `a well-formed ${at === 'options' ? 'set of options' : at}`,
    found: error.message,
  };
  return {
    code: 2,
    verdict: 'malformed',
    claim: null,
    origin: null,
    size: null,
    sealed_at: null,
    witnessed_at: null,
    witnesses: [],
    proven: [],
    not_proven: [],
    chains: [],
    attached: [],
    redacted: [],
    losses: [],
    warnings: [],
    failure,
  };
}

const PLACES: Partial<Record<ChainError['code'], string>> = {
  TRUST_INVALID: 'trust',
  PIN_INVALID: 'pin',
  OPTIONS_INVALID: 'options',
};

export function verdictOf(c: Case, failures: Failure[]): Verdict {
  const [failure] = failures;
  const code: ExitCode = failure?.code ?? 0;
  const { claim, checkpoint } = c.bundle;
  const times = c.cosigned.map(({ timeNs }) => timeNs).sort((a, b) => (a < b ? -1 : 1));
  if (code === 0) warn(c, times[0]);
  const { count } = c.bundle.attached;
  if (count > VERDICT_ITEMS_MAX) c.warnings.push(cutWarning(count, 'attached leaves'));
  const verdict: Verdict = {
    code,
    verdict: VERDICT_WORDS[code],
    claim,
    origin: checkpoint.origin,
    size: checkpoint.size,
    sealed_at: sealOf(c)?.t ?? null,
    witnessed_at: times[0] === undefined ? null : String(times[0]),
    witnesses: c.cosigned.map(({ name }) => name),
    proven: code === 0 ? provenBy(c) : [],
    not_proven: notProvenBy(c, code),
    chains: c.chains.map((chain) => {
      const { chain: name, count, first, state } = chain;
      return { chain: name, records: count, first, last: lastSeq(chain), state };
    }),
    attached: c.attachedShown,
    redacted: listed(c, 'redactions', c.redacted),
    losses: listed(c, 'losses', c.losses).map((loss) => {
      return { ...loss, what: loss.what.slice(0, TITLE_CHARS_MAX) };
    }),
    warnings: c.warnings,
  };
  if (failure === undefined) return verdict;
  return c.options.all === true ? { ...verdict, failure, failures } : { ...verdict, failure };
}

function listed<T>(c: Case, what: string, items: T[]): T[] {
  if (items.length <= VERDICT_ITEMS_MAX) return items;
  c.warnings.push(cutWarning(items.length, what));
  return items.slice(0, VERDICT_ITEMS_MAX);
}

function cutWarning(count: number, what: string): string {
  return `${count} ${what}; the first ${VERDICT_ITEMS_MAX} are listed.`;
}

function warn(c: Case, witnessedNs: bigint | undefined): void {
  const sealedNs = BigInt(sealOf(c)!.t);
  const { now, maxAgeNs } = c.options;
  if (witnessedNs === undefined) {
    c.warnings.push(
      'No witness has cosigned this checkpoint: its time is the word of the log alone.',
    );
  } else if (witnessedNs > sealedNs + BigInt(WITNESS_DELAY_MS_MAX) * NS_PER_MS) {
    c.warnings.push('The first witness cosigned more than 10 minutes after the seal.');
  }
  if (now === undefined || maxAgeNs !== undefined) return;
  if (sealedNs < now - BigInt(SEAL_AGE_MS_WARN) * NS_PER_MS) {
    c.warnings.push('The seal is older than a day: the log may have gone on since.');
  }
}
