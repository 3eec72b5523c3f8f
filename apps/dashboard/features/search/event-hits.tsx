/** Records that were found; each leads to where it is read. */

import type { EventItem } from '@vitrine/schema/api';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { classNames } from '../../ui/class-names.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { Age } from '../../ui/time.tsx';

export function EventHits({ items }: { items: EventItem[] }): ReactNode {
  return (
    <ul>
      {items.map((item) => (
        <li
          key={`${item.log}/${item.index}`}
          className={classNames(
            'relative flex items-start justify-between gap-4 border-b border-line',
            'px-4 py-2.5 last:border-b-0 hover:bg-hover',
          )}
        >
          <div className="min-w-0">
            <Title item={item} />
            <p className="mt-0.5 text-xs text-faint">
              <SafeText text={item.kind} /> · leaf {item.index} of {item.log} · session{' '}
              <SafeText text={item.session} />
            </p>
          </div>
          <Age ns={item.t} className="relative z-10 shrink-0 text-xs text-muted" />
        </li>
      ))}
    </ul>
  );
}

/** The session of the log itself. */
const LOG_SESSION = 'log';

function Title({ item }: { item: EventItem }): ReactNode {
  const title = <SafeText text={item.title} />;
  const href = addressOf(item);
  if (href === undefined) return <p className="text-sm font-medium">{title}</p>;
  return (
    <Link href={href} className="text-sm font-medium after:absolute after:inset-0">
      {title}
    </Link>
  );
}

/** Records of the log itself other than alerts have no page of their own. */
function addressOf({ kind, session, index }: EventItem): string | undefined {
  if (kind === 'alert' && session === LOG_SESSION) return paths.alerts({ a: index });
  if (session === LOG_SESSION) return undefined;
  return paths.session(session, { e: index, tab: 'proof' });
}
