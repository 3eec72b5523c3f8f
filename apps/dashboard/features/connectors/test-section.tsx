/** Sends an alert that says that it is a test, and shows each step when it is over. */
'use client';

import type { TestLine, TestReport, TestStep } from '@vitrine/schema/api';
import { type ReactNode, useState } from 'react';
import { type ApiFailure, asFailure, postLines } from '../../lib/api/client.ts';
import { Badge } from '../../ui/badge.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { useRenewConnectors } from './query.ts';
import { untilReport } from './report.ts';
import { verdictText } from './words.ts';

export interface Testing {
  isRunning: boolean;
  steps: TestStep[];
  report: TestReport | undefined;
  failure: ApiFailure | undefined;
}

const IDLE: Testing = { isRunning: false, steps: [], report: undefined, failure: undefined };

export function useTest(name: string): [testing: Testing, run: () => Promise<void>] {
  const [testing, setTesting] = useState(IDLE);
  const renew = useRenewConnectors();
  const run = async (): Promise<void> => {
    setTesting({ ...IDLE, isRunning: true });
    try {
      const path = `/v1/connectors/${encodeURIComponent(name)}/test`;
      for await (const { step, report } of untilReport(postLines<TestLine>(path, {}))) {
        setTesting((now) => ({
          ...now,
          steps: step === undefined ? now.steps : [...now.steps, step],
          report: report ?? now.report,
        }));
      }
    } catch (error) {
      setTesting((now) => ({ ...now, failure: asFailure(error) }));
    }
    setTesting((now) => ({ ...now, isRunning: false }));
    await renew();
  };
  return [testing, run];
}

export function TestResult({ testing }: { testing: Testing }): ReactNode {
  const { isRunning, steps, report, failure } = testing;
  if (!isRunning && steps.length === 0 && failure === undefined) return null;
  return (
    <section aria-label="Test" className="mt-3 rounded-md border border-line-strong p-3 text-sm">
      <ol aria-label="Steps" aria-live="polite" className="flex flex-col gap-1.5">
        {steps.map((step) => (
          <Step key={`${step.step} ${step.detail}`} step={step} />
        ))}
      </ol>
      <p role="status" className="mt-2 font-medium empty:mt-0">
        {isRunning ? 'The test is under way …' : null}
        {report === undefined ? null : verdictText(report)}
      </p>
      {report === undefined ? null : (
        <p className="text-xs text-faint">
          <code className="[overflow-wrap:anywhere]">{report.alert}</code>
        </p>
      )}
      {failure === undefined ? null : (
        <p role="alert" className="text-critical">
          <SafeText text={`${failure.message}. ${failure.hint}`} />
        </p>
      )}
    </section>
  );
}

function Step({ step: { step, ok, ms, detail } }: { step: TestStep }): ReactNode {
  return (
    <li className="grid grid-cols-[72px_60px_minmax(0,1fr)] items-baseline gap-x-2">
      <span className="font-medium">{step}</span>
      <span>
        <Badge tone={ok ? 'sealed' : 'critical'}>{ok ? 'ok' : 'failed'}</Badge>
      </span>
      <span className="min-w-0 text-xs [overflow-wrap:anywhere] text-muted">
        <SafeText text={detail} /> <span className="whitespace-nowrap text-faint">{ms} ms</span>
      </span>
    </li>
  );
}
