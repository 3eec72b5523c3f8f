/** Sessions on a narrow screen: one card each. */

import type { SessionItem } from '@vitrine/schema/api';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { classNames } from '../../ui/class-names.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { Age } from '../../ui/time.tsx';
import { SessionAlerts, SessionState, SessionVantages } from './session-cells.tsx';
import { countText, hostText } from './words.ts';

export function SessionCards({ items }: { items: SessionItem[] }): ReactNode {
  return (
    <ul aria-label="Sessions" className="flex flex-col">
      {items.map((item) => (
        <Card key={item.session} item={item} />
      ))}
    </ul>
  );
}

const SKELETON_CARDS = [0, 1, 2, 3, 4];

export function SessionCardsSkeleton(): ReactNode {
  return (
    <div className="flex flex-col">
      {SKELETON_CARDS.map((card) => (
        <div key={card} className="flex h-[100px] flex-col gap-3 border-b border-line p-3">
          <div className="skeleton h-4 w-1/2" />
          <div className="skeleton h-3 w-4/5" />
          <div className="skeleton h-3 w-2/3" />
        </div>
      ))}
    </div>
  );
}

function Card({ item }: { item: SessionItem }): ReactNode {
  const process = [hostText(item), item.pid === null ? '' : `pid ${item.pid}`].filter(Boolean);
  return (
    <li className="relative border-b border-line p-3 last:border-b-0 hover:bg-hover">
      <div className="flex items-start justify-between gap-3">
        <Link
          href={paths.session(item.session)}
          className="min-w-0 font-medium after:absolute after:inset-0"
        >
          <SafeText text={item.session} />
        </Link>
        <SessionState item={item} />
      </div>
      <p className="mt-1 text-sm text-muted">
        {[item.user, item.runtime, ...process].filter(Boolean).map((text, i) => (
          <span key={text}>
            {i === 0 ? '' : ' · '}
            <SafeText text={text ?? ''} />
          </span>
        ))}
      </p>
      <div
        className={classNames(
          'mt-1.5 flex flex-wrap items-center justify-between gap-x-4 gap-y-1',
          'text-xs text-muted tabular-nums',
        )}
      >
        <span>
          {countText(item.events)} events · <SessionVantages item={item} />
        </span>
        <span className="flex items-center gap-2">
          {item.alerts > 0 ? <SessionAlerts item={item} /> : null}
          <Age ns={item.last_t} className="relative z-10" />
        </span>
      </div>
    </li>
  );
}
