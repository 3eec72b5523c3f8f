/** One rule in the list: what it finds on the first line, how it fares on the second. */
import type { RuleItem } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { severityOf } from '../../lib/severity.ts';
import { Badge } from '../../ui/badge.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
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
    <ListRow
      id={ruleLinkId(rule.id)}
      href={paths.rules({ ...filter, rule: rule.id })}
      severity={severityOf(rule.severity)}
      title={<SafeText text={rule.title} />}
      current={current}
      end={<Fired rule={rule} />}
    >
      <p className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-faint">
        <code>{plainText(rule.id)}</code>
        {rule.state === 'dormant' ? <Dormant missing={rule.missing} /> : null}
      </p>
    </ListRow>
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
    <p className="tabular-nums sm:w-32">
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
