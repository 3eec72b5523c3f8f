/** The fixed sentences of a report: claims, codes, and what no log can prove (LOG.md §6). */
import type { ExitCode, Failure, Verdict } from '@vitrine/chain';
import { grouped } from '../print/text.ts';

export const CODE_WORDS: Record<ExitCode, string> = {
  0: 'All that the file claims is proven.',
  1: 'Something in the file contradicts its own hashes or signatures: nothing is proven.',
  2: 'The file, or what it was checked with, cannot be read as what it should be.',
  3: 'Something that was claimed or required is missing: nothing is proven.',
  4: 'Not vouched for: by no trusted key, too old, or not about what was expected.',
  5: 'Two signed statements of the log contradict each other. Keep the file: it is evidence.',
};

export function claimWords(claim: NonNullable<Verdict['claim']>): string {
  switch (claim.type) {
    case 'session':
      return (
        `That everything the log has of session ${claim.session} is in the file, and that ` +
        'nothing is missing up to the checkpoint.'
      );
    case 'range':
      return (
        `That records ${claim.first} to ${claim.last} of chain ${claim.chain} are in the log, ` +
        'unbroken and unchanged.'
      );
    case 'event':
      return `That leaf ${claim.index} is in the log, unchanged.`;
    case 'absent':
      return `That no session ${claim.session} was open in the log at the checkpoint.`;
    case 'inactive':
      return `That the log has no record of session ${claim.session} from ${claim.day} (UTC).`;
  }
}

export const STEPS: [step: Failure['step'], checks: string][] = [
  ['form', 'The file is a bundle, byte for byte in its form, and about what was expected.'],
  ['trust', 'Its checkpoint is signed by a trusted key, and cosigned as the quorum asks.'],
  ['pin', 'The log has only grown since the checkpoint that was kept earlier.'],
  ['seal', 'The last leaf of the tree is a seal, in time.'],
  ['chains', 'Records count without a hole, each names the hash of the one before.'],
  ['claim', 'The records given are all that the claim needs.'],
  ['attached', 'Leaves given beside them are in the tree.'],
  ['contradictions', 'No two signed statements in the file exclude each other.'],
  ['parts', 'Contents are those the records commit to; what is gone was announced in the log.'],
];

/** True of every log, whatever the verdict. */
export const NO_LOG_PROVES = [
  'That no source was bypassed, and no event missed before a source saw it.',
  'That what a source said is true. A process in the sandbox that reaches the relay can add ' +
    'events of its own; it cannot remove or change what the relay has chained and the host has ' +
    'pulled. Compare it with the sources outside the reach of the agent (vantages boundary and ' +
    'host).',
  'Anything that happened before the first durable acknowledgement.',
  'That the log is honest to everyone. One that signs wrong heads, or seals a session short, ' +
    'leaves evidence, but only somebody who replays the log or holds a record finds it.',
];

/** `1 record`, `12,345 records` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
