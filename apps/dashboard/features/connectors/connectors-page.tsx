/** Where alerts go, how that goes, and the one that is open. All its state is in the address. */
'use client';

import { useQueryStates } from 'nuqs';
import { type ReactNode, Suspense, useState } from 'react';
import { connectorKeys } from '../../lib/url-state.ts';
import { stepRow, useKeys } from '../../lib/use-keys.ts';
import { Box } from '../../ui/box.tsx';
import { CommandLine } from '../../ui/command-line.tsx';
import { BoxIcon } from '../../ui/icons.tsx';
import { KeySheet, KeysButton } from '../../ui/key-sheet.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { WithSidePanel } from '../../ui/side-panel.tsx';
import { EmptyState, LoadingState } from '../../ui/states.tsx';
import { ConnectorList, connectorLink } from './connector-list.tsx';
import { ConnectorPanel } from './connector-panel.tsx';
import { useConnectors } from './query.ts';

export function ConnectorsPage(): ReactNode {
  return (
    <PageBody>
      <PageHeader
        title="Connectors"
        description="Where alerts go: each arrives with its proof, or waits here and says why."
      />
      <Suspense fallback={<LoadingState label="The connectors are loading." />}>
        <Connectors />
      </Suspense>
    </PageBody>
  );
}

function Connectors(): ReactNode {
  const [{ connector }, setState] = useQueryStates(connectorKeys, { history: 'push' });
  const [showsKeys, setShowsKeys] = useState(false);
  const query = useConnectors();
  const close = (): void => {
    void setState({ connector: null }).then(() => connectorLink(connector)?.focus());
  };
  useKeys({
    j: () => stepRow(1),
    k: () => stepRow(-1),
    '?': () => setShowsKeys(true),
    ...(connector === '' ? {} : { Escape: close }),
  });
  return (
    <>
      <WithSidePanel
        panel={
          connector === '' ? null : (
            <ConnectorPanel key={connector} name={connector} onClose={close} />
          )
        }
      >
        <Loaded query={query} what="connectors" rows={6}>
          {({ items }) => (
            <>
              {items.length === 0 ? null : (
                <div className="flex justify-end pb-2">
                  <KeysButton onOpen={() => setShowsKeys(true)} />
                </div>
              )}
              <Box>
                {items.length === 0 ? <None /> : <ConnectorList items={items} open={connector} />}
              </Box>
            </>
          )}
        </Loaded>
      </WithSidePanel>
      {showsKeys ? <KeySheet keys={KEYS} onClose={() => setShowsKeys(false)} /> : null}
    </>
  );
}

const KEYS = [
  ['j', 'next connector'],
  ['k', 'previous connector'],
  ['Enter', 'open it'],
  ['Esc', 'back to the list'],
  ['/', 'search'],
  ['?', 'these keys'],
] as const;

const EXAMPLE = `connectors:
  soc:
    type: webhook
    url: https://soc.example/vitrine
    secret: { env: SOC_SECRET }`;

function None(): ReactNode {
  return (
    <EmptyState title="No connector is configured" icon={<BoxIcon className="size-8" />}>
      <p>
        Alerts stay in the log and on this dashboard. To send them on, add a section to vitrine.yaml
        in the data directory and start again. docs/guides/connectors.md has one for each
        destination.
      </p>
      <pre className="rounded-md border border-line bg-raised p-3 text-left text-xs text-text">
        {EXAMPLE}
      </pre>
      <p>Then see whether it works:</p>
      <CommandLine command="npx --no vitrine connectors test soc" />
    </EmptyState>
  );
}
