/** One rule in the list: what it finds on the first line, how it fares on the second. */
import { plainText } from '@vitrine/schema/text';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { RuleItem } from '../../lib/api/rule-types.ts';
import { paths } from '../../lib/paths.ts';
import { severityOf } from '../../lib/severity.ts';
import { ROW } from '../../lib/use-keys.ts';
import { Badge } from '../../ui/badge.tsx';
import { classNames } from '../../ui/class-names.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { SeverityBadge } from '../../ui/severity-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { groupWords, type RuleFilter } from './words.ts';

interface RuleRowProps {
  rule: RuleItem;
  filter: RuleFilter;
  /** Whether its panel is shown. */
  current: boolean;
}

export function RuleRow({ rule, filter, current }: RuleRowProps): ReactNode {
  return (
    <li
      className={classNames(
        'relative border-b border-line px-3 py-2.5 last:border-b-0',
        current ? 'bg-accent-soft' : 'hover:bg-hover',
      )}
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1 sm:flex-nowrap">
        <span className="w-[104px] shrink-0">
          <SeverityBadge severity={severityOf(rule.severity)} />
        </span>
        <div className="min-w-0 flex-1 basis-full sm:basis-auto">
          <Link
            id={ruleLinkId(rule.id)}
            href={paths.rules({ ...filter, rule: rule.id })}
            scroll={false}
            {...ROW}
            {...(current ? { 'aria-current': 'true' } : {})}
            className={classNames(
              'block font-medium after:absolute after:inset-0',
              'focus-visible:outline-none focus-visible:after:outline-2',
              'focus-visible:after:outline-offset-[-2px]',
            )}
          >
            <SafeText text={rule.title} />
          </Link>
          <p className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-faint">
            <code>{plainText(rule.id)}</code>
            {rule.state === 'dormant' ? <Dormant missing={rule.missing} /> : null}
          </p>
        </div>
        <Fired rule={rule} />
      </div>
    </li>
  );
}

function Dormant({ missing }: Pick<RuleItem, 'missing'>): ReactNode {
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-1.5 gap-y-1">
      <Badge tone="gap">dormant</Badge>
      <span>
        lacks <SafeText text={groupWords(missing)} />
      </span>
    </span>
  );
}

function Fired({ rule: { alerts_24h: recent, last_fired: last } }: { rule: RuleItem }): ReactNode {
  return (
    <p className="shrink-0 text-xs text-muted tabular-nums sm:w-32 sm:text-right">
      <span className={recent > 0 ? 'font-medium text-text' : undefined}>{recent} in 24 h</span>
      <span className="text-faint sm:block">
        <span className="sm:hidden">, </span>
        {last === null ? (
          'never fired'
        ) : (
          <>
            last <Age ns={last} />
          </>
        )}
      </span>
    </p>
  );
}

/** Where the focus goes back to when its panel is closed. */
export function ruleLinkId(id: string): string {
  return `rule-${id}`;
}
