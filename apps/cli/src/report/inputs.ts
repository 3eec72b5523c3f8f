/** The sections about what was given: the file, the trust file, the pin, the log they speak of. */
import { ChainError, parseTrust, type Trust } from '@vitrine/chain';
import { grouped } from '../print/text.ts';
import { html, type Markup, type Piece, quoted } from './html.ts';
import { exactTime, type Fact, facts, hash, section, shortSection, table } from './parts.ts';
import { type ReportedFile, type Subject, sha256Hex } from './subject.ts';
import { claimWords, counted } from './words.ts';

/** Groups within groups that are spelled out; deeper ones are in the trust file. */
const QUORUM_DEPTH_MAX = 4;

export function verifiedFile({ bundle, verdict, asked }: Subject): Markup {
  const { claim } = verdict;
  const claims = claim === null ? 'not readable' : quoted(claimWords(claim));
  return shortSection(
    'What was verified',
    facts([
      ...fileFacts(bundle),
      ['Claim', claims],
      ['Also required', asked.length === 0 ? 'nothing' : quoted(asked.join('; '))],
    ]),
  );
}

export function trustedKeys(subject: Subject): Markup {
  const { trust, pin } = subject;
  if (trust === undefined) {
    const none = html`<p>No trust file was given, so nothing was trusted.</p>\n`;
    return section('Against which trust', none, pinned(pin));
  }
  const bytes = new TextDecoder().decode(trust.bytes);
  const read = readable(bytes);
  const keys =
    read === undefined
      ? html`<p>It cannot be read as a trust file.</p>\n`
      : trustTable(subject, read);
  return section('Against which trust', facts(fileFacts(trust)), keys, pinned(pin));
}

export function logStatement({ verdict, content }: Subject): Markup {
  const { origin, size, sealed_at: sealedAt, witnessed_at: witnessedAt, witnesses } = verdict;
  if (origin === null || size === null) {
    return shortSection('The log', html`<p>The file does not say of which log it is.</p>\n`);
  }
  const isProven = verdict.code === 0;
  const none = 'by nobody: the time is the word of the log alone';
  return shortSection(
    isProven ? 'The log' : 'The log, as the file says',
    facts([
      ['Origin', quoted(origin)],
      ['Tree size', counted(size, 'leaf', 'leaves')],
      ['Root', content === undefined ? undefined : hash(content.root)],
      ['Sealed', sealedAt === null ? 'not readable' : exactTime(sealedAt)],
      ['Witnessed', witnessedAt === null ? none : exactTime(witnessedAt)],
      ['Witnesses', witnesses.length === 0 ? undefined : quoted(witnesses.join(', '))],
    ]),
  );
}

function fileFacts({ name, bytes }: ReportedFile): Fact[] {
  return [
    ['File', html`<strong>${quoted(name === '-' ? 'standard input' : name)}</strong>`],
    ['SHA-256', hash(sha256Hex(bytes))],
    ['Size', counted(bytes.length, 'byte')],
  ];
}

function pinned(pin: ReportedFile | undefined): Piece {
  if (pin === undefined) return undefined;
  return html`<h3>Pin: the checkpoint that was kept earlier</h3>
${facts(fileFacts(pin))}`;
}

function readable(text: string): Trust | undefined {
  try {
    return parseTrust(text);
  } catch (error) {
    if (error instanceof ChainError) return undefined;
    throw error;
  }
}

interface KeyRow {
  role: string;
  name: string;
  keyId: string;
  valid: string;
}

function trustTable({ verdict }: Subject, { logs, witnesses, quorum }: Trust): Markup {
  const rows: KeyRow[] = [
    ...logs.map(({ name, keyId, intervals }) => {
      const isOther = verdict.origin !== null && name !== verdict.origin;
      const role = isOther ? 'log (another)' : 'log';
      return { role, name, keyId, valid: intervalWords(intervals) };
    }),
    ...witnesses.map(({ label, name, keyId }) => {
      return { role: `witness ${label}`, name, keyId, valid: 'always' };
    }),
  ];
  const keys = table<KeyRow>(
    'Keys that are trusted',
    [
      { name: 'Name', cell: ({ name }) => quoted(name) },
      { name: 'Key id', cell: ({ keyId }) => hash(keyId) },
      { name: 'Role', cell: ({ role }) => quoted(role) },
      { name: 'For tree sizes', cell: ({ valid }) => valid },
    ],
    rows,
  );
  const asks = quorum === null ? 'none: no witness is asked for' : quoted(quorumWords(quorum));
  return html`${rows.length === 0 ? html`<p>It names no key.</p>\n` : keys}${facts([
    ['Quorum of witnesses', asks],
  ])}`;
}

function intervalWords(intervals: { from: number; to: number | null }[]): string {
  if (intervals.length === 0) return 'all';
  return intervals
    .map(({ from, to }) =>
      to === null ? `from ${grouped(from)}` : `from ${grouped(from)}, below ${grouped(to)}`,
    )
    .join('; ');
}

function quorumWords(quorum: NonNullable<Trust['quorum']>, depth = 1): string {
  if ('witness' in quorum) return quorum.witness;
  if (depth > QUORUM_DEPTH_MAX) return 'a group';
  const members = quorum.members.map((member) => quorumWords(member, depth + 1));
  return `${quorum.need} of (${members.join(', ')})`;
}
