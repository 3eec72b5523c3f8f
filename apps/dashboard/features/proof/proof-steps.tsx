/** The links from the leaf to the trusted key, one under the other, with their values. */
import type { ReactNode } from 'react';
import { classNames } from '../../ui/class-names.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import type { ProofStep, StepId, StepState } from './prove.ts';

const TITLES: Record<StepId, string> = {
  leaf: 'Leaf',
  path: 'Path',
  root: 'Root',
  signature: 'Signature',
  key: 'Trusted key',
  arrival: 'Arrival',
};

const LOOKS: Record<StepState, { shape: string; color: string }> = {
  holds: { shape: '✓', color: 'bg-sealed-soft text-sealed' },
  fails: { shape: '✕', color: 'bg-broken-soft text-broken' },
  'not checked': { shape: '–', color: 'bg-pending-soft text-pending' },
};

export function ProofSteps({ steps }: { steps: ProofStep[] }): ReactNode {
  return (
    <ol aria-label="Steps of the proof" className="flex flex-col">
      {steps.map((step, i) => (
        <Step key={step.id} step={step} last={i === steps.length - 1} />
      ))}
    </ol>
  );
}

function Step({ step, last }: { step: ProofStep; last: boolean }): ReactNode {
  const { shape, color } = LOOKS[step.state];
  return (
    <li className="grid grid-cols-[1.5rem_minmax(0,1fr)] gap-x-3">
      <div aria-hidden="true" className="flex flex-col items-center">
        <span
          className={classNames(
            'flex size-6 items-center justify-center rounded-full font-mono text-sm font-bold',
            color,
          )}
        >
          {shape}
        </span>
        {last ? null : <span className="w-px grow bg-line-strong" />}
      </div>
      <div className={last ? '' : 'pb-4'}>
        <p className="flex min-h-6 items-center gap-2 text-sm font-semibold">
          {TITLES[step.id]}
          <span className={classNames('rounded px-1.5 text-xs font-medium', color)}>
            {step.state}
          </span>
        </p>
        <p className="text-sm text-muted">
          <SafeText text={step.sentence} />
        </p>
        {step.facts.length === 0 ? null : <Facts facts={step.facts} />}
      </div>
    </li>
  );
}

function Facts({ facts }: { facts: ProofStep['facts'] }): ReactNode {
  return (
    <dl className="mt-1.5 grid grid-cols-1 gap-x-3 text-xs sm:grid-cols-[9rem_minmax(0,1fr)]">
      {facts.map(({ name, value }) => (
        <div key={name} className="contents">
          <dt className="text-faint">{name}</dt>
          <dd className="mb-1 font-mono text-text tabular-nums whitespace-pre-line sm:mb-0">
            <SafeText text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
