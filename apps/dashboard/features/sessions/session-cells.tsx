/** The pieces of a session that the table and the cards both show. */

import type { SessionItem } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { Badge } from '../../ui/badge.tsx';
import { classNames } from '../../ui/class-names.ts';
import { AlertIcon } from '../../ui/icons.tsx';
import { closedText, countText } from './words.ts';

export function SessionState({ item }: { item: SessionItem }): ReactNode {
  const open = item.state === 'open';
  return (
    <Badge
      tone={open ? 'accent' : 'neutral'}
      title={closedText(item)}
      icon={
        <span
          className={classNames(
            'size-1.5 rounded-full',
            open ? 'bg-current' : 'border border-current',
          )}
        />
      }
    >
      {item.state}
    </Badge>
  );
}

/** Its number of alerts; where there are any, a link to them that stands above the row's own. */
export function SessionAlerts({ item }: { item: SessionItem }): ReactNode {
  if (item.alerts === 0) return <span className="text-faint">0</span>;
  const words = item.alerts === 1 ? '1 alert' : `${countText(item.alerts)} alerts`;
  return (
    <Link
      href={paths.alerts({ session: item.session })}
      aria-label={`${words} about ${plainText(item.session)}`}
      className="relative z-10 inline-flex"
    >
      <Badge
        tone="critical"
        icon={<AlertIcon className="size-3" />}
        className="h-6 hover:underline"
      >
        {countText(item.alerts)}
      </Badge>
    </Link>
  );
}

/** Who saw it, from the least to the most independent of the agent. */
export function SessionVantages({ item }: { item: SessionItem }): ReactNode {
  if (item.vantages.length === 0) return <span className="text-faint">nobody yet</span>;
  return <span className="text-muted">{item.vantages.join(', ')}</span>;
}
