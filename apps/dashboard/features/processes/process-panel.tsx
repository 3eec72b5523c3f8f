/** The selected process: all that is known of it, and the ways to its events. */
import type { ProcessItem } from '@vitrine/schema/api';
import { fieldTerm } from '@vitrine/schema/query';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { dateTimeText, utcText } from '../../lib/time.ts';
import { Fact, Facts } from '../../ui/facts.tsx';
import { countText } from '../../ui/looked.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { TextLink } from '../../ui/text-link.tsx';
import { VantageMark } from '../../ui/vantage-mark.tsx';
import { argvText, COUNTS, exitText, lifeText, programText } from './words.ts';

interface ProcessPanelProps {
  session: string;
  item: ProcessItem;
}

export function ProcessPanel({ session, item }: ProcessPanelProps): ReactNode {
  return (
    <Panel title={<SafeText text={`${programText(item)} ${item.pid}`} />}>
      <Facts>
        <Fact name="Program">
          {item.exe === '' ? <Unknown /> : <Code text={item.exe} />}
          {item.execs > 1 ? (
            <p className="text-xs text-muted">the last of {countText(item.execs)} it executed</p>
          ) : null}
        </Fact>
        <Fact name="Arguments">
          <Words session={session} item={item} />
        </Fact>
        <Fact name="Pid, parent">
          {item.pid}, {item.ppid > 0 ? item.ppid : 'not told'}
        </Fact>
        <Fact name="Uid">{item.uid ?? <Unknown />}</Fact>
        <Fact name="Began">
          <TextLink href={paths.session(session, { e: item.index })} title={utcText(item.t)}>
            {dateTimeText(item.t)}
          </TextLink>
        </Fact>
        <Fact name="Ended">
          <End session={session} item={item} />
        </Fact>
        <Fact name="Seen by">
          <VantageMark vantage={item.vantage} /> <Code text={item.shim} />
        </Fact>
        {item.agents.length === 0 ? null : (
          <Fact name="Put down to">
            agent <SafeText text={item.agents.join(', ')} />
            <p className="text-xs text-muted">
              An attribution by the process tree: the observer knows no agents.
            </p>
          </Fact>
        )}
      </Facts>
      <Counts item={item} />
      <p className="mt-4 flex flex-wrap gap-x-4 gap-y-1 text-sm">
        <TextLink href={eventsOf(session, item)}>Its events in the timeline</TextLink>
      </p>
    </Panel>
  );
}

/** A number may come again: the whole life of the number is shown. */
function eventsOf(session: string, { pid, shim }: ProcessItem): string {
  const q = `${fieldTerm('process.pid', String(pid))} ${fieldTerm('shim', shim)}`;
  return paths.session(session, { q });
}

function Words({ session, item }: ProcessPanelProps): ReactNode {
  if (item.argv.length > 0) return <Code text={argvText(item) || '(none)'} />;
  if (!item.argv_part || item.exec === null) {
    return item.argc === null ? <Unknown /> : argvText(item) || 'none';
  }
  return (
    <TextLink href={paths.session(session, { e: item.exec, tab: 'parts' })}>
      {argvText(item) || 'kept in a part'}
    </TextLink>
  );
}

function End({ session, item }: ProcessPanelProps): ReactNode {
  const { exit } = item;
  if (exit === null) return <span className="text-faint">nobody saw it end</span>;
  return (
    <TextLink href={paths.session(session, { e: exit.index })} title={utcText(exit.t)}>
      <SafeText text={exitText(item)} /> after {lifeText(item)}
    </TextLink>
  );
}

function Counts({ item }: { item: ProcessItem }): ReactNode {
  return (
    <table aria-label="What it did" className="mt-4 w-full text-sm tabular-nums">
      <thead className="text-xs text-faint">
        <tr>
          <th scope="col" className="pb-1 text-left font-medium">
            What
          </th>
          <th scope="col" className="pb-1 text-right font-medium">
            itself
          </th>
          <th scope="col" className="pb-1 text-right font-medium">
            with all below
          </th>
        </tr>
      </thead>
      <tbody>
        {COUNTS.map(([name, , means]) => (
          <tr key={name} className="border-t border-line">
            <th scope="row" className="py-1 text-left font-normal text-muted">
              {means}
            </th>
            <td className="text-right align-top">{countText(item.own[name])}</td>
            <td className="text-right align-top">{countText(item.total[name])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Code({ text }: { text: string }): ReactNode {
  return (
    <span className="font-mono text-xs break-all">
      <SafeText text={text} />
    </span>
  );
}

function Unknown(): ReactNode {
  return <span className="text-faint">not told</span>;
}
