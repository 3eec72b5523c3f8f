/** Under a view: how much of what there is it shows, and of how many events it is made. */
import type { Looked, Names } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import { SafeText } from './safe-text.tsx';

interface ShownProps {
  shown: number;
  of: number;
  /** In the plural: `paths`. */
  what: string;
  looked: Looked;
  /** Which events were read where there are too many. */
  which?: 'first' | 'newest';
}

export function Shown({ shown, of, what, looked, which = 'first' }: ShownProps): ReactNode {
  const isCut = shown < of || looked.events < looked.of;
  return (
    <p className={`pb-2 text-sm tabular-nums ${isCut ? 'text-medium' : 'text-muted'}`}>
      {shown < of ? `The first ${countText(shown)} of ${countText(of)} ${what}` : null}
      {shown < of ? null : `${countText(of)} ${what}`}
      {looked.events < looked.of
        ? `, made of the ${which} ${countText(looked.events)} of ${countText(looked.of)} events`
        : `, made of ${countText(looked.of)} ${looked.of === 1 ? 'event' : 'events'}`}
    </p>
  );
}

/** Names one after the other, and how many more there are. */
export function NameList({ names, of }: Names): ReactNode {
  if (names.length === 0) return <span className="text-faint">–</span>;
  const more = of - names.length;
  return (
    <>
      {names.map((name, i) => (
        <span key={name}>
          {i === 0 ? '' : ', '}
          <SafeText text={name} />
        </span>
      ))}
      {more > 0 ? ` and ${countText(more)} more` : ''}
    </>
  );
}

export function countText(count: number): string {
  return count.toLocaleString('en');
}

/** A figure of a table: nothing stands out where there is nothing. */
export function Count({ of, alarm }: { of: number; alarm?: boolean }): ReactNode {
  if (of === 0) return <span className="text-faint">0</span>;
  return <span className={alarm ? 'font-medium text-high' : ''}>{countText(of)}</span>;
}
