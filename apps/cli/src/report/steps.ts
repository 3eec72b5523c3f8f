/** The verdict, the steps that led to it, and what they do not show. */
import type { Failure, Verdict } from '@vitrine/chain';
import { bare, html, type Markup, type Piece, quoted } from './html.ts';
import { facts, list, section, shortSection, table } from './parts.ts';
import type { Subject } from './subject.ts';
import { CODE_WORDS, counted, NO_LOG_PROVES, STEPS } from './words.ts';

export function verdictBox({ code, verdict }: Verdict): Markup {
  const tone = bare(code === 0 ? 'proven' : 'refused');
  return html`<div class="verdict ${tone}">
<p class="code"><span class="note">code</span> ${code}</p>
<p class="word">${verdict}</p>
<p class="means">${CODE_WORDS[code]}</p>
</div>
`;
}

export function failureBox({ failure, failures }: Verdict): Piece {
  if (failure === undefined) return undefined;
  const all = failures ?? [failure];
  const shown = all.map((one) => facts(failureFacts(one)));
  const title = all.length === 1 ? 'Where it failed' : 'Where it failed: the first one decides';
  return html`<section class="failure">
<h2>${title}</h2>
${shown}</section>
`;
}

function failureFacts({ code, step, at, expected, found }: Failure): [string, Piece][] {
  return [
    ['Step', `${step} (code ${code})`],
    ['At', quoted(at)],
    ['Expected', quoted(expected)],
    ['Found', quoted(found)],
  ];
}

export function stepTable(subject: Subject): Markup {
  const rows = STEPS.map(([step, checks]) => ({ step, checks, ...outcome(subject, step) }));
  return shortSection(
    'The steps of verification',
    table(
      'In the order of the specification',
      [
        { name: 'Step', cell: ({ step }) => step },
        { name: 'What is checked', cell: ({ checks }) => checks },
        {
          name: 'Outcome',
          cell: ({ status }) => html`<span class="${bare(status)}">${status}</span>`,
        },
        { name: 'Found', cell: ({ found }) => found },
      ],
      rows,
    ),
  );
}

interface Outcome {
  status: 'holds' | 'failed' | 'not reached' | 'no failure';
  found: Piece;
}

function outcome(subject: Subject, step: Failure['step']): Outcome {
  const { failure, failures } = subject.verdict;
  const here = (failures ?? (failure === undefined ? [] : [failure])).filter(
    (one) => one.step === step,
  );
  if (here.length > 0) return { status: 'failed', found: quoted(here[0]!.found) };
  const order = STEPS.map(([name]) => name);
  if (failure === undefined || order.indexOf(step) < order.indexOf(failure.step)) {
    return { status: 'holds', found: quoted(finding(subject, step)) };
  }
  if (failures === undefined) return { status: 'not reached', found: '—' };
  return { status: 'no failure', found: 'Checked as far as the failure before it allows.' };
}

function finding({ bundle, verdict, pin, content }: Subject, step: Failure['step']): string {
  const { chains, witnesses, redacted, size } = verdict;
  const leaves = content?.attached.size ?? 0;
  const records = chains.reduce((sum, chain) => sum + chain.records, 0);
  const given = [...(content?.chains.values() ?? [])].reduce((n, { parts = 0 }) => n + parts, 0);
  switch (step) {
    case 'form':
      return `${counted(bundle.bytes.length, 'byte')}, vitrine-bundle/1.`;
    case 'trust':
      return witnesses.length === 0
        ? 'Signed by the log. No witness spoke.'
        : `Signed by the log, cosigned by ${witnesses.join(', ')}.`;
    case 'pin':
      return pin === undefined ? 'No pin was given.' : 'The pinned tree is in this one.';
    case 'seal':
      return `Leaf ${(size ?? 0) - 1} seals the tree.`;
    case 'chains':
      return chains.length === 0
        ? 'The claim is about no chain.'
        : `${counted(records, 'record')} in ${counted(chains.length, 'chain')}.`;
    case 'claim':
      return 'The claim holds.';
    case 'attached':
      return `${counted(leaves, 'leaf', 'leaves')}.`;
    case 'contradictions':
      return 'None.';
    case 'parts':
      return `${given} given, ${redacted.length} announced as gone.`;
  }
}

export function proven({ verdict }: Subject): Markup {
  const nothing = html`<p>Nothing.</p>\n`;
  return section('What is proven', verdict.code === 0 ? list(verdict.proven) : nothing);
}

export function notProven({ verdict, pin }: Subject): Markup {
  const unread = verdict.not_proven.length === 0 && verdict.code !== 0;
  const sentences = unread ? ['Anything: it could not be read.'] : verdict.not_proven;
  const isUnwitnessed = verdict.code !== 0 && verdict.witnesses.length === 0;
  const more = [
    ...(isUnwitnessed ? ['Any time: no witness counts.'] : []),
    ...(verdict.code !== 0 && pin === undefined ? ['That the log only grew: no pin.'] : []),
  ];
  return section(
    'What is not proven',
    html`<h3>By this file</h3>\n`,
    list([...sentences, ...more]),
    html`<h3>By any log</h3>\n`,
    list(NO_LOG_PROVES),
  );
}

export function warnings({ verdict }: Subject): Markup {
  const none = html`<p>None.</p>\n`;
  return section('Warnings', verdict.warnings.length === 0 ? none : list(verdict.warnings));
}
