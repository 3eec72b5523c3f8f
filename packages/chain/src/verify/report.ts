/** Puts what the steps found into the verdict, and into sentences (LOG.md §5). */
import {
  SEAL_AGE_MS_WARN as AGE_MS_WARN,
  WITNESS_DELAY_MS_MAX as DELAY_MS_MAX,
  VERDICT_ITEMS_MAX as ITEMS_MAX,
} from '@vitrine/schema/record';
import type { ChainError } from '../error.ts';
import { type Case, NS_PER_MS, timeText } from './case.ts';
import type { Claim, ClaimMembers, Verdict } from './types.ts';

const WORDS = [
  ...(['proven', 'tampered', 'malformed'] as const),
  ...(['incomplete', 'untrusted', 'equivocation'] as const),
];
const CHAINS_NAMED_MAX = 20;
const NOT_OF_RECORDS = [
  'That every event was captured: a source that was bypassed, or silent, left no record.',
  'That what the sources said is true: compare vantages that are out of reach of the agent.',
  'When the events happened: the times of records are those of their makers’ clocks.',
];

/** Bundle, trust file, pin or options could not be read. */
export function malformedVerdict({ code, message: found }: ChainError): Verdict {
  const [, input = 'BUNDLE'] = /^(TRUST|PIN|OPTIONS)_/.exec(code) ?? [];
  const at = input.toLowerCase();
  const failure = { code: 2, step: 'form', at, expected: `well-formed ${at}`, found } as const;
  const unknown = { claim: null, origin: null, size: null, sealed_at: null, witnessed_at: null };
  const none = { witnesses: [], proven: [], not_proven: [], chains: [], attached: [] };
  const rest = { redacted: [], losses: [], warnings: [], failure };
  return { code: 2, verdict: 'malformed', ...unknown, ...none, ...rest };
}

export function verdictOf(c: Case): Verdict {
  const { failures, warnings, seal } = c;
  const [failure] = failures;
  const { claim, checkpoint, attached } = c.bundle;
  const cosigned = [...c.cosigned.values()];
  const [first] = cosigned.map(({ timeNs }) => timeNs).sort((a, b) => (a < b ? -1 : 1));
  if (!failure) warn(c, first);
  const cut = <T>(what: string, items: T[], count = items.length): T[] => {
    if (count > ITEMS_MAX) warnings.push(`${count} ${what}; the first ${ITEMS_MAX} are listed.`);
    return items.slice(0, ITEMS_MAX);
  };
  return {
    code: failure?.code ?? 0,
    verdict: WORDS[failure?.code ?? 0]!,
    claim,
    origin: checkpoint.origin,
    size: checkpoint.size,
    sealed_at: seal?.t ?? null,
    witnessed_at: first?.toString() ?? null,
    witnesses: cosigned.map(({ name }) => name),
    proven: [],
    not_proven: ['Nothing of what this bundle claims.'],
    ...(failure ? {} : sentencesOf(c)),
    chains: c.chains.map(({ chain, leaves, first, last, state }) => {
      return { chain, records: leaves.length, first, last, state };
    }),
    attached: cut('attached leaves', c.attachedShown, attached.length),
    redacted: cut('redactions', c.redacted),
    losses: cut('losses', c.losses, c.lossCount),
    warnings,
    ...(failure && { failure }),
    ...(failure && c.options.all && { failures }),
  };
}

function warn({ options, seal, warnings }: Case, witnessedNs?: bigint): void {
  const { now, maxAgeNs } = options;
  const after = (ms: number): bigint => BigInt(seal!.t) + BigInt(ms) * NS_PER_MS;
  if (witnessedNs === undefined) {
    const alone = 'its time is the word of the log alone';
    warnings.push(`No witness has cosigned this checkpoint: ${alone}.`);
  } else if (witnessedNs > after(DELAY_MS_MAX)) {
    warnings.push('The first witness cosigned more than 10 minutes after the seal.');
  }
  const old = maxAgeNs === undefined && now !== undefined && now > after(AGE_MS_WARN);
  if (old) warnings.push('The seal is older than a day: the log may have gone on since.');
}

/** What a bundle without a failure proves, and what it leaves open. */
function sentencesOf(c: Case) {
  const { bundle, chains, period, redacted, seal, cosigned, lossCount } = c;
  const { pin } = c.in;
  const { claim, checkpoint, attached } = bundle;
  const { origin, size } = checkpoint;
  const closed = chains.some(({ shim, state }) => shim === 'sup' && state === 'closed');
  const [first, ...left] = claimSentences(claim, `up to leaf ${size - 1}`, closed);
  const records = chains.reduce((sum, { leaves }) => sum + leaves.length, 0);
  const counts = `${plural(records, 'record')} in ${plural(chains.length, 'chain')}`;
  const named = namesOf(chains.map(({ chain, leaves }) => `${chain} (${leaves.length})`));
  const times = period && `from ${timeText(period.from)} to ${timeText(period.to)}`;
  const more = claim.type === 'event' ? 0 : attached.length;
  const parts = redacted.length;
  const without = chains.filter(({ bundled }) => bundled.parts === null);
  const names = namesOf(without.map(({ chain }) => chain));
  const proven = [
    first,
    times && `${counts}: ${named}; by the clocks of their makers ${times}.`,
    more > 0 && `${plural(more, 'more leaf', 'more leaves')} of the log beside them.`,
    parts > 0 &&
      `${plural(parts, 'part')} gone by a redaction or an expiry that is in the log as well.`,
    `The log ${origin} signed its tree of ${size} leaves, sealed at ${timeText(seal!.t)}.`,
    ...[...cosigned.values()].map(({ name, timeNs }) => {
      return `Witness ${name} saw this tree at ${timeText(timeNs)}, and that it only grew.`;
    }),
    pin && `The tree of ${pin.size} leaves that was pinned is in this one, unchanged.`,
  ];
  const open = [
    ...left,
    ...(period ? NOT_OF_RECORDS : []),
    names && `The content of parts: the bundle was made without those of ${names}.`,
    lossCount > 0 &&
      `What was lost before it came to the log: ${plural(lossCount, 'record')} here tell of it.`,
    cosigned.size === 0 &&
      'When the log was sealed, and that it shows everyone the same: no witness spoke.',
    !pin && 'That the log has not changed since an earlier look at it: no pin was given.',
  ];
  const said = (texts: unknown[]) => texts.filter(Boolean) as string[];
  return { proven: said(proven), not_proven: said(open) };
}

/** What is proven, then what is not. */
function claimSentences(claim: Claim, until: string, closed: boolean): string[] {
  const { session, chain, first, last, index, day } = claim as ClaimMembers;
  const sentences = {
    session: [
      `All the log has of session ${session} is here, ${until}; nothing is missing. ` +
        `It was ${closed ? 'closed' : 'still open'}.`,
      `Anything of a later life of the same sandbox (${session}:2 and so on).`,
    ],
    range: [
      `Records ${first} to ${last} of ${chain} are in the log, unbroken and unchanged.`,
      `What ${chain} has before record ${first} and after record ${last}.`,
    ],
    event: [
      `Leaf ${index} is in the log, unchanged.`,
      'That no other leaf says more about the same matter.',
      'That what it says is true.',
    ],
    absent: [
      `No session ${session} was open in the log ${until}.`,
      `That ${session} never was: it may have been closed before, or opened later.`,
    ],
    inactive: [
      `The log has no record of session ${session} from ${day} (UTC).`,
      `Anything about ${session} on other days.`,
    ],
  };
  return sentences[claim.type];
}

function namesOf(names: string[]): string {
  const more = names.length > CHAINS_NAMED_MAX ? ', …' : '';
  return names.slice(0, CHAINS_NAMED_MAX).join(', ') + more;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}
