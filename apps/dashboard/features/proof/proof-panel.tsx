/** The proof of one row, made in this browser: what was found, step by step, and by whose key. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { ErrorState, LoadingState } from '../../ui/states.tsx';
import { ByHand } from './by-hand.tsx';
import { eventFile, exportEvent, verifyFile } from './commands.ts';
import { ProofSteps } from './proof-steps.tsx';
import type { ProofReport } from './prove.ts';
import { RowBadge } from './row-badge.tsx';
import type { ProofProgress } from './run.ts';
import { TrustSection } from './trust-section.tsx';
import { type Proof, useProof } from './use-proof.ts';

interface ProofPanelProps {
  item: EventItem;
  /** Published size of the log: a row that waits is looked at again when it grows. */
  size?: number | undefined;
}

export function ProofPanel({ item, size }: ProofPanelProps): ReactNode {
  const proof = useProof(item, size);
  const shown = proof.progress.phase !== 'fetching';
  return (
    <section aria-label="Proof" className="flex flex-col gap-6">
      <Found item={item} proof={proof} />
      {shown && !lacksCrypto(proof.progress) ? (
        <TrustSection onChange={proof.trustChanged} />
      ) : null}
      {proof.progress.phase === 'done' ? <Independent item={item} /> : null}
    </section>
  );
}

function lacksCrypto(progress: ProofProgress): boolean {
  return progress.phase === 'unable' && progress.why !== 'unreadable pin';
}

function Found({ item, proof }: { item: EventItem; proof: Proof }): ReactNode {
  const { progress, again } = proof;
  switch (progress.phase) {
    case 'fetching':
      return <LoadingState label="Verifying in this browser" rows={8} />;
    case 'pending':
      return (
        <Verdict state="pending">
          Waiting for the next seal: <SafeText text={progress.reason} />. It is asked again by
          itself.
        </Verdict>
      );
    case 'failed':
      return (
        <ErrorState error={progress.failure} title="The proof could not be made" retry={again} />
      );
    case 'unable':
      return <Unable item={item} why={progress.why} />;
    case 'done':
      return <Report report={progress.report} again={again} />;
  }
}

function Verdict(props: { state: 'sealed' | 'pending' | 'broken'; children: ReactNode }) {
  return (
    <div role="status" className="flex items-start gap-2.5">
      <RowBadge state={props.state} className="mt-px" />
      <p className="text-sm">{props.children}</p>
    </div>
  );
}

function Report({ report, again }: { report: ProofReport; again: () => void }): ReactNode {
  const { proven, failure = '', steps, notProven, warnings } = report;
  return (
    <>
      <Verdict state={proven ? 'sealed' : 'broken'}>
        {proven ? (
          'Proven in this browser: the record is in the signed log, unchanged.'
        ) : (
          <SafeText text={failure} />
        )}
      </Verdict>
      <ProofSteps steps={steps} />
      {proven ? <NotProven sentences={[...notProven, ...warnings]} /> : null}
      <Button className="self-start" onClick={again}>
        Verify again
      </Button>
    </>
  );
}

function NotProven({ sentences }: { sentences: string[] }): ReactNode {
  return (
    <details className="text-sm">
      <summary className="min-h-6 font-semibold">What this does not prove</summary>
      <ul className="mt-1.5 flex list-disc flex-col gap-1 pl-5 text-muted">
        {sentences.map((sentence) => (
          <li key={sentence}>
            <SafeText text={sentence} />
          </li>
        ))}
        <li>That this page is honest: its code comes from the server that shows the row.</li>
      </ul>
    </details>
  );
}

const WHY = {
  'no WebCrypto':
    'This page cannot verify: browsers give their cryptography (WebCrypto) only to pages that ' +
    'come over HTTPS or from this machine. Nothing is said here about this row.',
  'no Ed25519':
    'This browser cannot verify: its WebCrypto has no Ed25519. ' +
    'Nothing is said here about this row.',
  'unreadable pin':
    'The key that was pinned in this browser cannot be read, so nothing was verified.',
};

function Unable({ item, why }: { item: EventItem; why: keyof typeof WHY }): ReactNode {
  return (
    <>
      <p role="status" className="text-sm">
        {WHY[why]}
      </p>
      {why === 'unreadable pin' ? null : <EventByHand item={item} />}
    </>
  );
}

/** The page's code is the server's: who trusts nobody does it without. */
function Independent({ item }: { item: EventItem }): ReactNode {
  return (
    <details className="text-sm">
      <summary className="min-h-6 font-semibold">Verify it without this page</summary>
      <div className="mt-2">
        <EventByHand item={item} />
      </div>
    </details>
  );
}

function EventByHand({ item }: { item: EventItem }): ReactNode {
  return <ByHand exportLine={exportEvent(item)} verifyLine={verifyFile(eventFile(item))} />;
}
