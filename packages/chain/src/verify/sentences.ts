/** The verdict in sentences: what the bundle proves, and what no reader should take from it. */
import type { Claim } from '../bundle/format.ts';
import { type Case, sealOf } from './case.ts';
import { timeText } from './time.ts';
import type { ExitCode } from './verdict.ts';

export function provenBy(c: Case): string[] {
  const sentences = [claimSentence(c), ...contentSentences(c)];
  const { origin, size } = c.bundle.checkpoint;
  const sealed = timeText(BigInt(sealOf(c)!.t));
  sentences.push(`The log ${origin} signed its tree of ${size} leaves, sealed at ${sealed}.`);
  for (const { name, timeNs } of c.cosigned) {
    sentences.push(`Witness ${name} saw this tree at ${timeText(timeNs)}, and that it only grew.`);
  }
  if (c.pin !== null) {
    const { size: pinned } = c.pin;
    sentences.push(`The tree of ${pinned} leaves that was pinned is in this one, unchanged.`);
  }
  return sentences;
}

function claimSentence(c: Case): string {
  const { claim, checkpoint } = c.bundle;
  const until = `up to leaf ${checkpoint.size - 1}`;
  switch (claim.type) {
    case 'session':
      return sessionSentence(c, claim.session, until);
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

function sessionSentence(c: Case, session: string, until: string): string {
  const sup = c.chains.find(({ chain }) => chain === `${session}/sup`)!;
  const state = sup.state === 'closed' ? 'It was closed' : 'It was still open';
  return `All the log has of session ${session} is here, ${until}; nothing is missing. ${state}.`;
}

function contentSentences(c: Case): string[] {
  const sentences: string[] = [];
  const { chains } = c;
  const records = chains.reduce((sum, { count }) => sum + count, 0);
  const { from, to } = c.period;
  if (from !== null && to !== null) {
    const counts = chains.map(({ chain, count }) => `${chain} (${count})`);
    const named = counts.slice(0, CHAINS_NAMED_MAX).join(', ');
    const more = counts.length > CHAINS_NAMED_MAX ? ', …' : '';
    const period = `from ${timeText(BigInt(from))} to ${timeText(BigInt(to))}`;
    sentences.push(
      `${plural(records, 'record')} in ${plural(chains.length, 'chain')}: ${named}${more}; ` +
        `by the clocks of their makers ${period}.`,
    );
  }
  const { count: beside } = c.bundle.attached;
  if (beside > 0 && c.bundle.claim.type !== 'event') {
    sentences.push(`${plural(beside, 'more leaf', 'more leaves')} of the log beside them.`);
  }
  if (c.redacted.length > 0) {
    const parts = plural(c.redacted.length, 'part');
    sentences.push(`${parts} gone by a redaction or an expiry that is in the log as well.`);
  }
  return sentences;
}

const CHAINS_NAMED_MAX = 20;

export function notProvenBy(c: Case, code: ExitCode): string[] {
  if (code !== 0) return ['Nothing of what this bundle claims.'];
  const sentences = [...boundsOf(c.bundle.claim)];
  if (c.chains.length > 0) {
    sentences.push(
      'That every event was captured: a source that was bypassed, or silent, left no record.',
      'That what the sources said is true: compare vantages that are out of reach of the agent.',
      'When the events happened: the times of records are those of their makers’ clocks.',
    );
  }
  const without = c.chains.filter(({ at }) => c.bundle.chains[at]!.partsAt === null);
  if (without.length > 0) {
    const names = without.slice(0, CHAINS_NAMED_MAX).map(({ chain }) => chain);
    sentences.push(
      `The content of parts: the bundle was made without those of ${names.join(', ')}.`,
    );
  }
  if (c.losses.length > 0) {
    const losses = plural(c.losses.length, 'record');
    sentences.push(`What was lost before it came to the log: ${losses} here speak of losses.`);
  }
  if (c.cosigned.length === 0) {
    sentences.push(
      'When the log was sealed, and that it shows everyone the same: no witness spoke.',
    );
  }
  if (c.pin === null) {
    sentences.push('That the log has not changed since an earlier look at it: no pin was given.');
  }
  return sentences;
}

function boundsOf(claim: Claim): string[] {
  switch (claim.type) {
    case 'session':
      return [`Anything of a later life of the same sandbox (${claim.session}:2 and so on).`];
    case 'range':
      return [
        `What ${claim.chain} has before record ${claim.first} and after record ${claim.last}.`,
      ];
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
