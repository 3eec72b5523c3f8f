/** Puts what the steps found into the verdict, and into sentences (LOG.md §5). */
import * as limits from '@vitrine/schema/record';
import type { ChainError } from '../error.ts';
import { type Case, NS_PER_MS, timeText } from './case.ts';
import type { Claim, Verdict } from './types.ts';

const WORDS = [
  'proven',
  'tampered',
  'malformed',
  'incomplete',
  'untrusted',
  'equivocation',
] as const;
const CHAINS_NAMED_MAX = 20;
const PLACES: Record<string, string> = { TRUST_INVALID: 'trust', PIN_INVALID: 'pin' };

/** Bundle, trust file, pin or options could not be read. */
export function malformedVerdict({ code, message: found }: ChainError): Verdict {
  const at = code === 'OPTIONS_INVALID' ? 'options' : (PLACES[code] ?? 'bundle');
  const expected = `a well-formed ${at === 'options' ? 'set of options' : at}`;
  const unknown = { claim: null, origin: null, size: null, sealed_at: null, witnessed_at: null };
  const none = { witnesses: [], proven: [], not_proven: [], chains: [], attached: [] };
  const failure = { code: 2, step: 'form', at, expected, found } as const;
  const rest = { redacted: [], losses: [], warnings: [], failure };
  return { code: 2, verdict: 'malformed', ...unknown, ...none, ...rest };
}

export function verdictOf(c: Case): Verdict {
  const { failures, warnings, in: inputs } = c;
  const [failure] = failures;
  const { claim, checkpoint, attached } = inputs.bundle;
  const cosigned = [...c.cosigned.values()];
  const [first] = cosigned.map(({ timeNs }) => timeNs).sort((a, b) => (a < b ? -1 : 1));
  if (failure === undefined) warn(c, first);
  const cut = <T>(what: string, items: T[], count = items.length): T[] => {
    const max = limits.VERDICT_ITEMS_MAX;
    if (count > max) warnings.push(`${count} ${what}; the first ${max} are listed.`);
    return items.slice(0, max);
  };
  return {
    code: failure?.code ?? 0,
    verdict: WORDS[failure?.code ?? 0],
    claim,
    origin: checkpoint.origin,
    size: checkpoint.size,
    sealed_at: c.seal?.t ?? null,
    witnessed_at: first === undefined ? null : String(first),
    witnesses: cosigned.map(({ name }) => name),
    proven: failure === undefined ? provenBy(c) : [],
    not_proven: failure ? ['Nothing of what this bundle claims.'] : notProvenBy(c),
    chains: c.chains.map(({ chain, leaves, first, last, state }) => {
      return { chain, records: leaves.length, first, last, state };
    }),
    attached: cut('attached leaves', c.attachedShown, attached.count),
    redacted: cut('redactions', c.redacted),
    losses: cut('losses', c.losses).map((loss) => {
      return { ...loss, what: loss.what.slice(0, limits.TITLE_CHARS_MAX) };
    }),
    warnings,
    ...(failure && { failure }),
    ...(failure && inputs.options.all === true && { failures }),
  };
}

function warn({ in: { options }, seal, warnings }: Case, witnessedNs: bigint | undefined): void {
  const { now, maxAgeNs } = options;
  const sealedNs = BigInt(seal!.t);
  const late = sealedNs + BigInt(limits.WITNESS_DELAY_MS_MAX) * NS_PER_MS;
  const old = sealedNs + BigInt(limits.SEAL_AGE_MS_WARN) * NS_PER_MS;
  if (witnessedNs === undefined) {
    warnings.push(
      'No witness has cosigned this checkpoint: its time is the word of the log alone.',
    );
  } else if (witnessedNs > late) {
    warnings.push('The first witness cosigned more than 10 minutes after the seal.');
  }
  if (now === undefined || maxAgeNs !== undefined || now <= old) return;
  warnings.push('The seal is older than a day: the log may have gone on since.');
}

function provenBy(c: Case): string[] {
  const { pin, bundle } = c.in;
  const { claim, checkpoint, attached } = bundle;
  const { origin, size } = checkpoint;
  const say: string[] = [claimSentence(c, claim, `up to leaf ${size - 1}`)];
  if (c.period !== undefined) {
    const records = c.chains.reduce((sum, { leaves }) => sum + leaves.length, 0);
    const named = namesOf(
      c.chains.map(({ chain, leaves }) => `${chain} (${leaves.length})`),
      ', …',
    );
    const period = `from ${timeText(c.period.from)} to ${timeText(c.period.to)}`;
    const counts = `${plural(records, 'record')} in ${plural(c.chains.length, 'chain')}`;
    say.push(`${counts}: ${named}; by the clocks of their makers ${period}.`);
  }
  const beside = claim.type === 'event' ? 0 : attached.count;
  const gone = c.redacted.length;
  if (beside > 0) say.push(`${plural(beside, 'more leaf', 'more leaves')} of the log beside them.`);
  if (gone > 0) {
    say.push(
      `${plural(gone, 'part')} gone by a redaction or an expiry that is in the log as well.`,
    );
  }
  say.push(
    `The log ${origin} signed its tree of ${size} leaves, sealed at ${timeText(c.seal!.t)}.`,
  );
  for (const { name, timeNs } of c.cosigned.values()) {
    say.push(`Witness ${name} saw this tree at ${timeText(timeNs)}, and that it only grew.`);
  }
  if (pin) say.push(`The tree of ${pin.size} leaves that was pinned is in this one, unchanged.`);
  return say;
}

function claimSentence(c: Case, claim: Claim, until: string): string {
  if (claim.type === 'event') return `Leaf ${claim.index} is in the log, unchanged.`;
  if (claim.type === 'range') {
    const { chain, first, last } = claim;
    return `Records ${first} to ${last} of ${chain} are in the log, unbroken and unchanged.`;
  }
  const { session } = claim;
  if (claim.type === 'absent') return `No session ${session} was open in the log ${until}.`;
  if (claim.type === 'inactive') {
    return `The log has no record of session ${session} from ${claim.day} (UTC).`;
  }
  const closed = c.chains.some(({ shim, state }) => shim === 'sup' && state === 'closed');
  const state = closed ? 'It was closed' : 'It was still open';
  return `All the log has of session ${session} is here, ${until}; nothing is missing. ${state}.`;
}

function notProvenBy(c: Case): string[] {
  const say: string[] = [...boundsOf(c.in.bundle.claim)];
  if (c.chains.length > 0) {
    say.push(
      'That every event was captured: a source that was bypassed, or silent, left no record.',
      'That what the sources said is true: compare vantages that are out of reach of the agent.',
      'When the events happened: the times of records are those of their makers’ clocks.',
    );
  }
  const without = c.chains.filter(({ bundled }) => bundled.parts === null);
  const names = namesOf(without.map(({ chain }) => chain));
  if (names) say.push(`The content of parts: the bundle was made without those of ${names}.`);
  const lost = plural(c.losses.length, 'record');
  if (c.losses.length > 0) {
    say.push(`What was lost before it came to the log: ${lost} here speak of losses.`);
  }
  if (c.cosigned.size === 0) {
    say.push('When the log was sealed, and that it shows everyone the same: no witness spoke.');
  }
  if (c.in.pin !== null) return say;
  return [...say, 'That the log has not changed since an earlier look at it: no pin was given.'];
}

function boundsOf(claim: Claim): string[] {
  if (claim.type === 'event') {
    return ['That no other leaf says more about the same matter.', 'That what it says is true.'];
  }
  if (claim.type === 'range') {
    const { chain, first, last } = claim;
    return [`What ${chain} has before record ${first} and after record ${last}.`];
  }
  const { session } = claim;
  return {
    session: [`Anything of a later life of the same sandbox (${session}:2 and so on).`],
    absent: [`That ${session} never was: it may have been closed before, or opened later.`],
    inactive: [`Anything about ${session} on other days.`],
  }[claim.type];
}

function namesOf(names: string[], more = ''): string {
  const named = names.slice(0, CHAINS_NAMED_MAX).join(', ');
  return names.length > CHAINS_NAMED_MAX ? named + more : named;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}
