/** One connector, opened: how it stands, what can be done, dead letters, figures, settings. */
'use client';

import type { ConnectorAnswer, ConnectorItem } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import { type ReactNode, useState } from 'react';
import { useRefusal } from '../../lib/access.ts';
import { Button } from '../../ui/button.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { SidePanel, SideSection } from '../../ui/side-panel.tsx';
import { Age } from '../../ui/time.tsx';
import { type ConnectorActs, type Told, useConnectorActs } from './acts.ts';
import { DeadLetters } from './dead-letters.tsx';
import { useConnector } from './query.ts';
import { ReasonForm } from './reason-form.tsx';
import { StandingBadge } from './standing-badge.tsx';
import { TestResult, useTest } from './test-section.tsx';
import {
  causeText,
  GUARANTEE_WORDS,
  lagText,
  settingText,
  standingOf,
  standingText,
} from './words.ts';

interface ConnectorPanelProps {
  name: string;
  onClose: () => void;
}

export function ConnectorPanel({ name, onClose }: ConnectorPanelProps): ReactNode {
  return (
    <SidePanel name="Connector" onClose={onClose}>
      <Loaded query={useConnector(name)} what="connector" is rows={12}>
        {(connector) => <Opened connector={connector} />}
      </Loaded>
    </SidePanel>
  );
}

function Opened({ connector }: { connector: ConnectorAnswer }): ReactNode {
  const { name, type } = connector;
  const acts = useConnectorActs(name);
  const mayAct = useRefusal('connector.manage') === undefined;
  return (
    <>
      <div className="px-4 pt-3.5 pb-4">
        <p className="flex flex-wrap items-center gap-2 pr-10 text-xs text-muted">
          <StandingBadge connector={connector} />
          <code>{plainText(type)}</code>
        </p>
        <h2 className="mt-2 pr-6 text-lg leading-snug font-semibold tracking-tight">
          <SafeText text={name} />
        </h2>
        <Standing connector={connector} />
        <Control connector={connector} acts={acts} />
      </div>
      <SideSection title="Dead letters">
        <DeadLetters name={name} acts={acts} mayAct={mayAct} />
      </SideSection>
      <SideSection title="Since the collector started">
        <Figures connector={connector} />
      </SideSection>
      <SideSection title="Settings">
        <Settings settings={connector.settings} />
      </SideSection>
    </>
  );
}

function Standing({ connector }: { connector: ConnectorItem }): ReactNode {
  const { lastError, lastErrorHint, lastErrorAt, pausedReason } = connector;
  const text = standingText(connector);
  return (
    <div className="mt-2 flex flex-col gap-1.5 text-sm [overflow-wrap:anywhere]">
      {text === '' ? null : <p>{text}</p>}
      {standingOf(connector) === 'held' ? (
        <p>
          Reason: <SafeText text={pausedReason ?? ''} />
        </p>
      ) : null}
      {lastError === null ? null : (
        <p className="text-muted">
          Last error
          {lastErrorAt === null ? null : (
            <>
              , <Age ns={`${lastErrorAt}000000`} />
            </>
          )}
          : <SafeText text={causeText(connector)} />
        </p>
      )}
      {lastErrorHint === null ? null : (
        <p>
          What to do: <SafeText text={lastErrorHint} />.
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  connector: ConnectorItem;
  acts: ConnectorActs;
}

function Control({ connector, acts }: ControlProps): ReactNode {
  const { name, state } = connector;
  const [isPausing, setPausing] = useState(false);
  const [testing, runTest] = useTest(name);
  const refusal = useRefusal('connector.manage');
  if (refusal !== undefined) {
    return <p className="mt-3 text-sm text-muted">To act on it: {refusal}</p>;
  }
  const busy = acts.busy ? { disabledReason: 'It is being done' } : {};
  return (
    <>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button
          look="primary"
          {...(testing.isRunning ? { disabledReason: 'A test is under way' } : {})}
          onClick={runTest}
        >
          Send a test alert
        </Button>
        {state === 'paused' ? (
          <Button {...busy} onClick={() => acts.resume()}>
            Resume
          </Button>
        ) : null}
        {standingOf(connector) === 'held' ? null : (
          <Button {...busy} onClick={() => setPausing(true)}>
            Pause …
          </Button>
        )}
      </div>
      {isPausing ? (
        <ReasonForm
          title={`Pause ${plainText(name)}`}
          action="Pause"
          busy={acts.busy}
          onSubmit={acts.pause}
          onCancel={() => setPausing(false)}
        />
      ) : null}
      <Said told={acts.told} />
      <TestResult testing={testing} />
    </>
  );
}

function Said({ told }: { told: Told | undefined }): ReactNode {
  const failed = told?.phase === 'failed';
  return (
    <p
      role={failed ? 'alert' : 'status'}
      className={`mt-3 text-sm empty:mt-0 ${failed ? 'text-critical' : ''}`}
    >
      {told?.phase === 'done' ? <SafeText text={told.said} /> : null}
      {failed ? <SafeText text={`${told.failure.message}. ${told.failure.hint}`} /> : null}
    </p>
  );
}

function Figures({ connector }: { connector: ConnectorItem }): ReactNode {
  const { delivered, failures, retries, inFlight, unconfirmed, lastSuccessAt } = connector;
  const count = (value: number): string => value.toLocaleString('en-US');
  return (
    <div className="px-4 pb-4">
      <Facts>
        <Fact name="Waiting">{lagText(connector)}</Fact>
        <Fact name="Delivered">{count(delivered)}</Fact>
        <Fact name="That means">{GUARANTEE_WORDS[connector.guarantee]}</Fact>
        <Fact name="Last success">
          {lastSuccessAt === null ? 'none yet' : <Age ns={`${lastSuccessAt}000000`} />}
        </Fact>
        <Fact name="Under way">{count(inFlight)}</Fact>
        {unconfirmed === 0 ? null : <Fact name="Unconfirmed">{count(unconfirmed)}</Fact>}
        <Fact name="Sent again">{count(retries)}</Fact>
        <Fact name="Failed">
          {count(failures.retry)} to try again, {count(failures.pause)} refused,{' '}
          {count(failures.split)} divided, {count(failures.dead)} dead
        </Fact>
      </Facts>
    </div>
  );
}

function Settings({ settings }: { settings: Record<string, unknown> }): ReactNode {
  return (
    <div className="px-4 pb-4">
      <Facts>
        {Object.entries(settings).map(([name, value]) => (
          <Fact key={name} name={<code>{plainText(name)}</code>}>
            <SafeText text={settingText(value)} className="[overflow-wrap:anywhere]" />
          </Fact>
        ))}
      </Facts>
    </div>
  );
}
