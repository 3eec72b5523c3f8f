/** One process of the treegrid: what it is, how it ended, what it did and all below it did. */
import { AGENT_TREE_INDENT_MAX } from '@vitrine/schema/record';
import { plainText } from '@vitrine/schema/text';
import type { ReactNode } from 'react';
import { clockText } from '../../lib/time.ts';
import { classNames } from '../../ui/class-names.ts';
import { countText } from '../../ui/looked.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { Expander, RowFrame, type RowPlace } from '../../ui/tree/row.tsx';
import { VantageMark } from '../../ui/vantage-mark.tsx';
import type { ProcessRow } from './rows.ts';
import { argvText, COUNTS, exitText, isFailure, lifeText, programText } from './words.ts';

/** Columns from 1024 px on; below it a row has two lines. */
export const COLUMNS =
  'lg:grid lg:grid-cols-[minmax(0,1fr)_3.25rem_2.5rem_4rem_4.25rem_repeat(6,3.5rem)] lg:gap-x-1.5';

const INDENT_PX = 14;

interface RowProps {
  row: ProcessRow;
  place: RowPlace;
}

export function ProcessRowView({ row, place }: RowProps): ReactNode {
  const { item } = row;
  return (
    <RowFrame row={row} place={place} columns={COLUMNS}>
      <Program row={row} onToggle={place.onToggle} />
      <div className="contents max-lg:flex max-lg:min-w-0 max-lg:gap-2.5 max-lg:overflow-hidden">
        <Small>{item.pid}</Small>
        <Small className="max-lg:hidden">{item.uid ?? '–'}</Small>
        <Small className="max-lg:hidden">{clockText(item.t).slice(0, 8)}</Small>
        <Small title={lifeText(item)}>
          {item.exit === null ? (
            <span className="text-faint">–</span>
          ) : (
            <span className={isFailure(item) ? 'text-high' : ''}>
              <SafeText text={exitText(item)} />
            </span>
          )}
        </Small>
        {COUNTS.map(([name, head]) => (
          <Small key={name} className="lg:text-right">
            <OwnAndTotal name={head} own={item.own[name]} total={item.total[name]} />
          </Small>
        ))}
      </div>
    </RowFrame>
  );
}

function Program({ row, onToggle }: { row: ProcessRow; onToggle(): void }): ReactNode {
  const { item, level, isOpen } = row;
  const words = argvText(item);
  const indent = (Math.min(level, AGENT_TREE_INDENT_MAX) - 1) * INDENT_PX;
  return (
    <div
      role="gridcell"
      className="flex min-w-0 items-center gap-1"
      style={{ paddingLeft: indent }}
      title={plainText(`${item.exe} ${words}`)}
    >
      <Expander isOpen={isOpen} onToggle={onToggle} />
      {level === 1 || item.vantage === 'agent' ? (
        <span className="mr-1 shrink-0 text-xs text-muted">
          <VantageMark vantage={item.vantage} />
        </span>
      ) : null}
      <span className="min-w-0 truncate">
        <SafeText text={programText(item)} className="text-sm font-medium" />{' '}
        <SafeText text={words} className="font-mono text-xs text-muted" />
        {isOpen === false ? (
          <span className="text-xs text-faint"> · {countText(item.descendants)} below</span>
        ) : null}
      </span>
    </div>
  );
}

interface SmallProps {
  className?: string;
  title?: string;
  children: ReactNode;
}

function Small({ className, ...rest }: SmallProps): ReactNode {
  return (
    <div
      role="gridcell"
      className={classNames(
        'min-w-0 truncate text-xs whitespace-nowrap text-muted tabular-nums max-lg:shrink-0',
        'max-lg:empty:hidden',
        className,
      )}
      {...rest}
    />
  );
}

/** `3`, or `3 / 12` where others below did the rest; on a narrow page with its name. */
function OwnAndTotal(props: { name: string; own: number; total: number }): ReactNode {
  const { name, own, total } = props;
  if (total === 0) return null;
  const isAlarm = name === 'Alerts' || name === 'Denied';
  return (
    <span title={`${own} itself, ${total} with all below it`}>
      <span className="lg:hidden">{name.toLowerCase()} </span>
      <span className={own > 0 && isAlarm ? 'font-medium text-high' : own > 0 ? 'text-text' : ''}>
        {countText(own)}
      </span>
      {total > own ? <span className="text-faint"> / {countText(total)}</span> : null}
    </span>
  );
}
