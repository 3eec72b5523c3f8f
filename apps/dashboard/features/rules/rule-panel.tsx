/** One rule, opened: what it finds, what to do about it, what else it may be, what it needs. */
'use client';

import type { RuleText } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { severityOf } from '../../lib/severity.ts';
import { Badge } from '../../ui/badge.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { SeverityBadge } from '../../ui/severity-badge.tsx';
import { SidePanel, SideSection } from '../../ui/side-panel.tsx';
import { TagList } from '../../ui/tag-list.tsx';
import { TextLink } from '../../ui/text-link.tsx';
import { Age } from '../../ui/time.tsx';
import { useRule } from './query.ts';
import { groupWords, kindWords } from './words.ts';

export function RulePanel({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  return (
    <SidePanel name="Rule" onClose={onClose}>
      <Loaded query={useRule(id)} what="rule" is rows={12}>
        {(rule) => <Opened rule={rule} />}
      </Loaded>
    </SidePanel>
  );
}

function Opened({ rule }: { rule: RuleText }): ReactNode {
  return (
    <>
      <div className="px-4 pt-3.5 pb-4">
        <div className="flex flex-wrap items-center gap-2 pr-10 text-xs text-muted">
          <SeverityBadge severity={severityOf(rule.severity)} />
          <code>{plainText(rule.id)}</code>
          {rule.state === 'dormant' ? <Badge tone="gap">dormant</Badge> : <Badge>active</Badge>}
        </div>
        <h2 className="mt-2 pr-6 text-lg leading-snug font-semibold tracking-tight">
          <SafeText text={rule.title} />
        </h2>
        {rule.description === null ? null : (
          <p className="mt-2 text-sm">
            <SafeText text={rule.description} />
          </p>
        )}
      </div>
      <SideSection title="Alerts">
        <Alerts rule={rule} />
      </SideSection>
      <SideSection title="What to do">
        <p className="px-4 pb-4 text-sm">
          <SafeText text={rule.todo} />
        </p>
      </SideSection>
      <SideSection title="What else it may be">
        <FalsePositives texts={rule.falsepositives} />
      </SideSection>
      <SideSection title="What it needs">
        <div className="px-4 pb-4">
          <Needs rule={rule} />
        </div>
      </SideSection>
      <SideSection title="Tags">
        <div className="px-4 pb-4">
          <TagList tags={tagsOf(rule)} />
        </div>
      </SideSection>
      <SideSection title={plainText(rule.file)}>
        <RuleFile text={rule.text} />
      </SideSection>
    </>
  );
}

/** A region that scrolls has to be reachable by keys, and so has a name. */
function RuleFile({ text }: { text: string }): ReactNode {
  return (
    <section
      aria-label="The file"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
      tabIndex={0}
      className="overflow-x-auto border-t border-line bg-raised px-4 py-3"
    >
      <pre className="text-xs leading-5">{text.split('\n').map(plainText).join('\n')}</pre>
    </section>
  );
}

function Alerts({ rule }: { rule: RuleText }): ReactNode {
  const { id, alerts, alerts_24h: recent, last_fired: last, what } = rule;
  return (
    <div className="px-4 pb-4 text-sm">
      <p className="text-muted">
        “<SafeText text={what} />”
      </p>
      <p className="mt-2">
        {last === null ? (
          'It has never fired.'
        ) : (
          <>
            {recent} in the last 24 hours, {alerts} in all, the newest <Age ns={last} />.{' '}
            <TextLink href={paths.alerts({ rule: id })}>Its alerts</TextLink>
          </>
        )}
      </p>
    </div>
  );
}

function FalsePositives({ texts }: { texts: string[] }): ReactNode {
  if (texts.length === 0) return <p className="px-4 pb-4 text-sm text-muted">It names none.</p>;
  return (
    <ul className="flex list-disc flex-col gap-1 pr-4 pb-4 pl-8 text-sm">
      {texts.map((text) => (
        <li key={text}>
          <SafeText text={text} />
        </li>
      ))}
    </ul>
  );
}

function Needs({ rule }: { rule: RuleText }): ReactNode {
  const { kinds, vantage, needs, missing, status } = rule;
  return (
    <Facts>
      <Fact name="Looks at">
        <SafeText text={kindWords(kinds)} />
      </Fact>
      <Fact name="Seen by">
        {vantage === null ? 'anyone' : <SafeText text={`${vantage}, or further out`} />}
      </Fact>
      <Fact name="Sources">
        {needs.length === 0 ? 'none in particular' : <SafeText text={groupWords(needs)} />}
      </Fact>
      {missing.length === 0 ? null : (
        <Fact name="Missing">
          <span className="text-gap">
            <SafeText text={groupWords(missing)} />
          </span>{' '}
          <TextLink href={paths.sources()}>Sources</TextLink>
        </Fact>
      )}
      <Fact name="Status">
        <SafeText text={status} />
      </Fact>
    </Facts>
  );
}

function tagsOf({ tags, technique_v18, risk }: RuleText): string[] {
  const older = technique_v18.map((id) => `attack-v18.${id.toLowerCase()}`);
  return [...tags, ...older, ...risk.map((name) => `ase.risk.${name}`)];
}
