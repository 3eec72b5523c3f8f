/** Incidents and what was done with alerts, as a person reads them. */
import { isObject } from '@vitrine/schema';
import type { ActItem, AlertItem, IncidentItem, StoryAnswer, StoryStep } from '@vitrine/schema/api';
import { timeOf } from './event.ts';
import type { Io } from './io.ts';
import type { Column } from './table.ts';
import { plain, wrap } from './text.ts';

export function incidentColumns(io: Io): Column<IncidentItem>[] {
  const time = timeOf(io);
  return [
    { name: 'session', cell: ({ session }) => session, max: 36 },
    { name: 'severity', cell: ({ severity }) => severity },
    { name: 'state', cell: ({ state }) => state },
    { name: 'alerts', cell: ({ alerts }) => String(alerts), right: true },
    { name: 'open', cell: ({ open }) => String(open), right: true },
    { name: 'first', cell: ({ first_t }) => time(first_t) },
    { name: 'last', cell: ({ last_t }) => time(last_t) },
    { name: 'host', cell: ({ host }) => host?.name ?? '-', max: 24 },
    { name: 'assignees', cell: ({ assignees }) => assignees.join(', ') || '-', max: 24 },
    { name: 'rules', cell: ({ rules }) => rules.join(' ') },
  ];
}

/** Where an alert stands, and where its host leads, as lines of its block. */
export function standing({ triage, edr_link }: AlertItem): [string, string][] {
  const { state, verdict, assignee, seq } = triage;
  const what = verdict === null ? state : `${state} as ${verdict}`;
  const who = assignee === null ? '' : `, ${assignee} has it`;
  const lines: [string, string][] = [['state', `${what}${who} (seq ${seq})`]];
  return edr_link === null ? lines : [...lines, ['edr', edr_link]];
}

/** Who did what and when, each with the leaf that proves it. */
export function historyLines(io: Io, history: readonly ActItem[]): [string, string][] {
  const time = timeOf(io);
  return history.map((act, n) => {
    const { t, state, verdict, assignee, index, comment } = act;
    const what = verdict === null ? state : `${state} as ${verdict}`;
    const has = assignee === null ? '' : `, ${assignee} has it`;
    const said = comment ?? (act.has_comment ? goneText(act) : undefined);
    const text = said === undefined ? '' : `: ${said}`;
    const line = `${time(t)} ${actorOf(act.by)} ${what}${has}, leaf ${index}${text}`;
    return [n === 0 ? 'done' : '', line];
  });
}

function goneText({ gone }: ActItem): string {
  if (gone === undefined) return '(a comment that you may not read)';
  const where = gone.index === undefined ? '' : `, leaf ${gone.index}`;
  return `(comment gone by ${gone.by}${where})`;
}

function actorOf(by: ActItem['by']): string {
  if (!isObject(by)) return 'unknown';
  const { name, role, token } = by;
  return `${typeof name === 'string' ? name : String(role)} (${String(token)})`;
}

const INDENT = '  ';

/** The incident as a story: what happened first, then what came of it. */
export function printStory(io: Io, story: StoryAnswer): void {
  const { session, severity, state, alerts, steps, risks, techniques, host, edr_link } = story;
  io.out(io.strong(plain(`INCIDENT  ${session}  ${severity}  ${state}`)));
  const counted = `${alerts} ${alerts === 1 ? 'alert' : 'alerts'}`;
  const facts: [string, string][] = [
    ['alerts', `${counted}, ${story.open} open`],
    ['host', hostText(host)],
    ...(edr_link === null ? [] : [['edr', edr_link] as [string, string]]),
    ['risks', risks.join(', ') || '-'],
    ['techniques', techniques.join(', ') || '-'],
  ];
  for (const [label, text] of facts) {
    io.out(`${INDENT}${io.faint(label.padEnd(LABEL_CHARS))}${plain(text)}`);
  }
  for (const step of steps) printStep(io, step);
  if (story.more) io.err('more alerts: vitrine alerts --session ID');
}

const LABEL_CHARS = 12;

function hostText(host: IncidentItem['host']): string {
  if (host === null) return '-';
  const { name, edr } = host;
  return edr === undefined ? name : `${name}, ${edr.vendor} ${edr.device_id}`;
}

function printStep(io: Io, { t, says, index, log, link, alert }: StoryStep): void {
  io.out('');
  const when = timeOf(io)(t);
  if (alert === undefined) {
    io.out(plain(`${when}  ${says}`));
    io.out(`${INDENT}${io.faint(plain(`leaf ${index} of ${log}  ${link}`))}`);
    return;
  }
  const { severity, rule, title, todo, triage, evidence } = alert;
  io.out(io.alarm(plain(`${when}  ALERT ${severity} ${rule} ${title} (${triage.state})`)));
  const width = io.tty ? io.columns - INDENT.length : Number.MAX_SAFE_INTEGER;
  for (const line of [...wrap(plain(says), width), ...wrap(plain(`To do: ${todo}`), width)]) {
    io.out(`${INDENT}${line}`);
  }
  for (const one of evidence) {
    io.out(`${INDENT}${io.faint(plain(`evidence: leaf ${one.index} of ${one.log}, ${one.leaf}`))}`);
  }
  io.out(`${INDENT}${io.faint(plain(`leaf ${index} of ${log}  ${link}`))}`);
}
