/** Puts what the steps found into the verdict, and into sentences (LOG.md §5). */
import {
  SEAL_AGE_MS_WARN,
  TITLE_CHARS_MAX,
  VERDICT_ITEMS_MAX,
  WITNESS_DELAY_MS_MAX,
} from '@vitrine/schema/record';
import type { ChainError } from '../error.ts';
import { type Case, NS_PER_MS, timeText } from './case.ts';
import type { Claim, ExitCode, Verdict } from './types.ts';

const WORDS = [
  'proven',
  'tampered',
  'malformed',
  'incomplete',
  'untrusted',
  'equivocation',
] as const;
const CHAINS_NAMED_MAX = 20;
const NOTHING: Omit<Verdict, 'code' | 'verdict'> = {
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
};
const PLACES: Record<string, string> = {
  TRUST_INVALID: 'trust',
  PIN_INVALID: 'pin',
  OPTIONS_INVALID: 'options',
};

/** Bundle, trust file, pin or options could not be read. */
export function malformedVerdict({ code, message: found }: ChainError): Verdict {
  const at = PLACES[code] ?? 'bundle';
  const expected = `a well-formed ${at === 'options' ? 'set of options' : at}`;
  const failure = { code: 2, step: 'form', at, expected, found } as const;
  return { ...structuredClone(NOTHING), code: 2, verdict: 'malformed', failure };
}

export function verdictOf(c: Case): Verdict {
  const { failures, redacted, losses, warnings } = c;
  const [failure] = failures;
  const code: ExitCode = failure?.code ?? 0;
  const { claim, checkpoint, attached } = c.in.bundle;
  const cosigned = [...c.cosigned.values()];
  const times = cosigned.map(({ timeNs }) => timeNs).sort((a, b) => (a < b ? -1 : 1));
  if (code === 0) warn(c, times[0]);
  const cut = <T>(what: string, items: T[], count = items.length): T[] => {
    const message = `${count} ${what}; the first ${VERDICT_ITEMS_MAX} are listed.`;
    if (count > VERDICT_ITEMS_MAX) warnings.push(message);
    return items.slice(0, VERDICT_ITEMS_MAX);
  };
  return {
    code,
    verdict: WORDS[code],
    claim,
    origin: checkpoint.origin,
    size: checkpoint.size,
    sealed_at: c.seal?.t ?? null,
    witnessed_at: times[0] === undefined ? null : String(times[0]),
    witnesses: cosigned.map(({ name }) => name),
    proven: code === 0 ? provenBy(c) : [],
    not_proven: code === 0 ? notProvenBy(c) : ['Nothing of what this bundle claims.'],
    chains: c.chains.map(({ chain, leaves, first, last, state }) => {
      return { chain, records: leaves.length, first, last, state };
    }),
    attached: cut('attached leaves', c.attachedShown, attached.count),
    redacted: cut('redactions', redacted),
    losses: cut('losses', losses).map((loss) => {
      return { ...loss, what: loss.what.slice(0, TITLE_CHARS_MAX) };
    }),
    warnings,
    ...(failure && { failure }),
    ...(failure && c.in.options.all === true && { failures }),
  };
}

function warn({ in: inputs, seal, warnings }: Case, witnessedNs: bigint | undefined): void {
  const sealedNs = BigInt(seal!.t);
  const { now, maxAgeNs } = inputs.options;
  const late = sealedNs + BigInt(WITNESS_DELAY_MS_MAX) * NS_PER_MS;
  if (witnessedNs === undefined) {
    warnings.push(
      'No witness has cosigned this checkpoint: its time is the word of the log alone.',
    );
  } else if (witnessedNs > late) {
    warnings.push('The first witness cosigned more than 10 minutes after the seal.');
  }
  if (now === undefined || maxAgeNs !== undefined) return;
  if (sealedNs < now - BigInt(SEAL_AGE_MS_WARN) * NS_PER_MS) {
    warnings.push('The seal is older than a day: the log may have gone on since.');
  }
}

function provenBy(c: Case): string[] {
  const { pin, bundle } = c.in;
  const { claim, checkpoint, attached } = bundle;
  const { origin, size } = checkpoint;
  const sentences = [claimSentence(c, claim, `up to leaf ${size - 1}`)];
  if (c.period !== undefined) {
    const counts = c.chains.map(({ chain, leaves }) => `${chain} (${leaves.length})`);
    const named = counts.slice(0, CHAINS_NAMED_MAX).join(', ');
    const more = counts.length > CHAINS_NAMED_MAX ? ', …' : '';
    const records = c.chains.reduce((sum, { leaves }) => sum + leaves.length, 0);
    const period = `from ${timeText(c.period.from)} to ${timeText(c.period.to)}`;
    sentences.push(
      `${plural(records, 'record')} in ${plural(counts.length, 'chain')}: ${named}${more}; ` +
        `by the clocks of their makers ${period}.`,
    );
  }
  if (attached.count > 0 && claim.type !== 'event') {
    sentences.push(`${plural(attached.count, 'more leaf', 'more leaves')} of the log beside them.`);
  }
  if (c.redacted.length > 0) {
    const parts = plural(c.redacted.length, 'part');
    sentences.push(`${parts} gone by a redaction or an expiry that is in the log as well.`);
  }
  const sealed = timeText(c.seal!.t);
  sentences.push(`The log ${origin} signed its tree of ${size} leaves, sealed at ${sealed}.`);
  for (const { name, timeNs } of c.cosigned.values()) {
    sentences.push(`Witness ${name} saw this tree at ${timeText(timeNs)}, and that it only grew.`);
  }
  if (pin === null) return sentences;
  return [
    ...sentences,
    `The tree of ${pin.size} leaves that was pinned is in this one, unchanged.`,
  ];
}

function claimSentence(c: Case, claim: Claim, until: string): string {
  switch (claim.type) {
    case 'session': {
      const { session } = claim;
      const closed = c.chains.some(({ shim, state }) => shim === 'sup' && state === 'closed');
      const state = closed ? 'It was closed' : 'It was still open';
      return `All the log has of session ${session} is here, ${until}; nothing is missing. ${state}.`;
    }
    case 'range': {
      const { chain, first, last } = claim;
      return `Records ${first} to ${last} of ${chain} are in the log, unbroken and unchanged.`;
    }
    case 'event':
      return `Leaf ${claim.index} is in the log, unchanged.`;
    case 'absent':
      return `No session ${claim.session} was open in the log ${until}.`;
    case 'inactive':
      return `The log has no record of session ${claim.session} from ${claim.day} (UTC).`;
  }
}

function notProvenBy(c: Case): string[] {
  const sentences = boundsOf(c.in.bundle.claim);
  if (c.chains.length > 0) {
    sentences.push(
      'That every event was captured: a source that was bypassed, or silent, left no record.',
      'That what the sources said is true: compare vantages that are out of reach of the agent.',
      'When the events happened: the times of records are those of their makers’ clocks.',
    );
  }
  const without = c.chains.filter(({ bundled }) => bundled.parts === null);
  const names = without
    .slice(0, CHAINS_NAMED_MAX)
    .map(({ chain }) => chain)
    .join(', ');
  if (without.length > 0) {
    sentences.push(`The content of parts: the bundle was made without those of ${names}.`);
  }
  if (c.losses.length > 0) {
    const losses = plural(c.losses.length, 'record');
    sentences.push(`What was lost before it came to the log: ${losses} here speak of losses.`);
  }
  if (c.cosigned.size === 0) {
    sentences.push(
      'When the log was sealed, and that it shows everyone the same: no witness spoke.',
    );
  }
  if (c.in.pin === null) {
    sentences.push('That the log has not changed since an earlier look at it: no pin was given.');
  }
  return sentences;
}

function boundsOf(claim: Claim): string[] {
  switch (claim.type) {
    case 'session':
      return [`Anything of a later life of the same sandbox (${claim.session}:2 and so on).`];
    case 'range': {
      const { chain, first, last } = claim;
      return [`What ${chain} has before record ${first} and after record ${last}.`];
    }
    case 'event':
      return ['That no other leaf says more about the same matter.', 'That what it says is true.'];
    case 'absent':
      return [`That ${claim.session} never was: it may have been closed before, or opened later.`];
    case 'inactive':
      return [`Anything about ${claim.session} on other days.`];
  }
}

function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}
