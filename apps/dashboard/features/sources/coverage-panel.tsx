/** Three risks by three components: what the connected sources let one see. */
import type { CoverageAnswer, CoverageCell } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import type { ApiFailure } from '../../lib/api/client.ts';
import { classNames } from '../../ui/class-names.ts';
import { Panel } from '../../ui/panel.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { ErrorState, LoadingState } from '../../ui/states.tsx';
import { CellBadge } from './state-badge.tsx';
import { COMPONENT_WORDS, cellExtent, needWords, RISK_WORDS, wordOf } from './words.ts';

interface CoveragePanelProps {
  coverage: CoverageAnswer | undefined;
  /** Why there is none. */
  error: ApiFailure | null;
  retry: () => void;
  /** The opened cell, as `cellName` spells it; empty for none. */
  cell: string;
  onCell: (cell: string) => void;
}

export function CoveragePanel(props: CoveragePanelProps): ReactNode {
  const { coverage, error, retry, cell, onCell } = props;
  if (coverage === undefined) {
    return (
      <Panel title="What can be seen" className="mb-4">
        {error === null ? (
          <LoadingState label="The coverage is loading." rows={4} />
        ) : (
          <ErrorState error={error} title="The coverage could not be loaded" retry={retry} />
        )}
      </Panel>
    );
  }
  // Of nothing there is nothing to be seen, and nobody is blind.
  if (coverage.sessions === 0) return null;
  const open = coverage.cells.find((one) => cellName(one) === cell);
  return (
    <Panel title="What can be seen" className="mb-4" actions={<Extent coverage={coverage} />} flush>
      <Matrix cells={coverage.cells} cell={cell} onCell={onCell} />
      {open === undefined ? null : <Needs cell={open} />}
    </Panel>
  );
}

function cellName({ risk, component }: CoverageCell): string {
  return `${risk}.${component}`;
}

function Extent({ coverage: { sessions, whole } }: { coverage: CoverageAnswer }): ReactNode {
  const words = `${sessions} session${sessions === 1 ? '' : 's'}`;
  return <span className="text-xs text-faint">{whole ? words : `the first ${words}`}</span>;
}

type MatrixProps = Pick<CoveragePanelProps, 'cell' | 'onCell'> & { cells: CoverageCell[] };

function Matrix({ cells, cell, onCell }: MatrixProps): ReactNode {
  const risks = [...new Set(cells.map(({ risk }) => risk))];
  const components = [...new Set(cells.map(({ component }) => component))];
  return (
    <table
      aria-label="Coverage: risks by components"
      className="w-full table-fixed border-collapse text-left text-sm"
    >
      <thead>
        <tr>
          <th scope="col" className="w-[32%] border-b border-line sm:w-[25%]">
            <span className="sr-only">Risk</span>
          </th>
          {components.map((component) => (
            <th
              key={component}
              scope="col"
              className={classNames(
                'border-b border-line px-1 py-2 text-[11px] font-medium text-faint',
                'sm:px-3 sm:text-xs',
              )}
            >
              {wordOf(COMPONENT_WORDS, component)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {risks.map((risk) => (
          <tr key={risk} className="border-b border-line last:border-b-0">
            <th
              scope="row"
              className="px-3 py-2 text-xs font-medium text-muted hyphens-auto sm:px-4 sm:text-sm"
            >
              {wordOf(RISK_WORDS, risk)}
            </th>
            {cells
              .filter((one) => one.risk === risk)
              .map((one) => (
                <td key={one.component} className="px-1 py-1 sm:px-2">
                  <CellButton
                    cell={one}
                    open={cellName(one) === cell}
                    onOpen={() => onCell(cellName(one) === cell ? '' : cellName(one))}
                  />
                </td>
              ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CellButtonProps {
  cell: CoverageCell;
  open: boolean;
  onOpen: () => void;
}

function CellButton({ cell, open, onOpen }: CellButtonProps): ReactNode {
  const { risk, component, state } = cell;
  const extent = cellExtent(cell);
  const place = `${wordOf(RISK_WORDS, risk)}, ${wordOf(COMPONENT_WORDS, component)}`;
  return (
    <button
      type="button"
      aria-expanded={open}
      aria-label={`${place}: ${state} ${extent}`.trimEnd()}
      onClick={onOpen}
      className={classNames(
        'flex min-h-9 w-full items-center rounded-md border px-1 hover:bg-hover sm:px-2',
        open ? 'border-accent' : 'border-transparent',
      )}
    >
      <CellBadge state={state} />
      {extent === '' ? null : (
        // The space is read, not seen: what is shown is a part of the button's name.
        <span className="ml-2 text-xs text-faint max-sm:hidden"> {extent}</span>
      )}
    </button>
  );
}

function Needs({ cell }: { cell: CoverageCell }): ReactNode {
  const { risk, component, needs } = cell;
  const name = `${wordOf(RISK_WORDS, risk)}, ${wordOf(COMPONENT_WORDS, component)}`;
  return (
    <section aria-label={`${name}: what is needed`} className="border-t border-line px-4 py-3">
      <h3 className="text-sm font-semibold">{name}</h3>
      <ul className="mt-1.5 flex flex-col gap-1 text-sm text-muted">
        {needs.map((need) => (
          <li key={need.what}>
            <span className="text-text">{need.what}</span>
            {need.from === 'agent' ? '' : ` (${need.from} or above)`}: {needWords(need)}
            {need.by.length === 0 ? null : (
              <>
                , by <SafeText text={need.by.join(', ')} />
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
