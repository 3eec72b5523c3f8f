/** LOG.md §5, step 1: the form. */
import { BUNDLE_BYTES_MAX } from '@vitrine/schema';
import { ORIGIN } from '../forge.ts';
import type { BundleRow } from '../row.ts';
import { asked, edited, golden, honest, replaced, rewritten } from './make.ts';
import { closedSession } from './story.ts';

const CLOSED = golden('session-closed');
const EVENT = golden('event');
const ABSENT = golden('absent');
const RANGE = golden('range');
const FORGED = honest(closedSession);
const ZEROS = Buffer.alloc(32).toString('base64');
const MALFORMED = [2, /^form /] as const;

const LIMITS = '**Form** (2): limits';
const MEMBERS = 'members and types exactly as in §4, also of members the claim does not need';
const STRICT = 'strict base64 and integers';
const PROOFS = 'proofs of at most 64 hashes of 32 bytes';
const NOTES =
  'no control characters but newline; 1 to 100 signature lines; size canonical; root 32 bytes';
const EXPECTED = 'What `expect` names differs: (4).';

function repeated(note: string, times: number): string {
  const split = note.indexOf('\n\n') + 2;
  return note.slice(0, split) + note.slice(split).repeat(times);
}

export const FORM_ROWS: BundleRow[] = [
  {
    ...rewritten('5.1a', LIMITS, MALFORMED, CLOSED, (bundle) => {
      return Buffer.concat([Buffer.alloc(BUNDLE_BYTES_MAX + 1 - bundle.length, ' '), bundle]);
    }),
    where: ['node'],
  },
  replaced('5.1b', 'JSON', MALFORMED, CLOSED, '"claim":', '"claim"='),
  replaced('5.1b-twice', 'JSON', MALFORMED, EVENT, '{"attached"', '{"chains":[],"attached"'),
  rewritten('5.1b-bom', 'JSON', MALFORMED, CLOSED, (bundle) => {
    return Buffer.concat([Buffer.from('\ufeff'), bundle]);
  }),
  replaced('5.1c', MEMBERS, MALFORMED, EVENT, '"proof":[', '"note":"","proof":['),
  replaced('5.1c-missing', MEMBERS, MALFORMED, EVENT, '"chains":[],', ''),
  replaced('5.1c-type', MEMBERS, MALFORMED, EVENT, '"index":13,"type"', '"index":"13","type"'),
  // An event needs neither: both are looked at.
  replaced('5.1c-neighbours', MEMBERS, MALFORMED, EVENT, /\}$/, ',"neighbours":null}'),
  replaced('5.1c-consistency', MEMBERS, MALFORMED, EVENT, /\}$/, ',"consistency":{}}'),
  edited('5.1c-sorted', MEMBERS, MALFORMED, CLOSED, (b) => {
    b.chains.reverse();
  }),
  edited('5.1c-claim', MEMBERS, MALFORMED, EVENT, (b) => {
    b.claim.session = 's1';
  }),
  rewritten('5.1d', STRICT, MALFORMED, CLOSED, (bundle) => {
    // The last character before the padding has two bits that mean nothing.
    return Buffer.from(
      bundle.toString().replace(/([AEIMQUYcgkosw048])="/, (_, last: string) => {
        return `${String.fromCharCode(last.charCodeAt(0) + 1)}="`;
      }),
    );
  }),
  replaced('5.1d-padding', STRICT, MALFORMED, CLOSED, /="/, '"'),
  replaced('5.1d-integer', STRICT, MALFORMED, EVENT, '"index":13,"type"', '"index":13e0,"type"'),
  replaced('5.1d-zero', STRICT, MALFORMED, RANGE, '"first":1', '"first":01'),
  replaced('5.1d-minus', STRICT, MALFORMED, CLOSED, '"first":0', '"first":-0'),
  edited('5.1e', PROOFS, MALFORMED, EVENT, (b) => {
    b.attached[1]!.proof = Array(65).fill(ZEROS) as string[];
  }),
  edited('5.1e-short', PROOFS, MALFORMED, EVENT, (b) => {
    b.attached[1]!.proof[0] = Buffer.alloc(31).toString('base64');
  }),
  replaced(
    '5.1f-blank',
    'the last blank line splits text from signatures',
    MALFORMED,
    EVENT,
    '\\n\\n',
    '\\n',
  ),
  replaced(
    '5.1f-split',
    'the last blank line splits text from signatures',
    MALFORMED,
    EVENT,
    /(— vitrine[^\\]*\\n)/,
    '$1\\n',
  ),
  replaced('5.1f', NOTES, MALFORMED, EVENT, '\\n20\\n', '\\n20\\t\\n'),
  replaced('5.1f-unsigned', NOTES, MALFORMED, EVENT, /\\n\\n—[^"]*"/, '\\n\\n"'),
  edited('5.1f-many', NOTES, MALFORMED, FORGED, (b) => {
    b.checkpoint = repeated(b.checkpoint, 101);
  }),
  replaced('5.1f-size', NOTES, MALFORMED, EVENT, '\\n20\\n', '\\n020\\n'),
  replaced(
    '5.1f-root',
    NOTES,
    MALFORMED,
    EVENT,
    /(\\n20\\n)[^\\]*/,
    `$1${Buffer.alloc(33).toString('base64')}`,
  ),
  asked('5.1g', EXPECTED, [4, /^form .*s2/], CLOSED, { expect: { session: 's2' } }),
  asked('5.1g-origin', EXPECTED, [4, /^form /], CLOSED, { expect: { origin: ORIGIN } }),
  asked('5.1g-chain', EXPECTED, [4, /^form /], RANGE, { expect: { chain: 's1/sup' } }),
  asked('5.1g-absent', EXPECTED, [4, /^form /], ABSENT, { expect: { session: 's1' } }),
];
