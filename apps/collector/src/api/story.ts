/**
 * The story of an incident: a sentence for each alert, and the few records that explain it, in the
 * order of the makers' clocks. Every step is a record and names its leaf; the sentences of those
 * that are no alerts are made of what stands in their rows.
 */
import {
  alertLink,
  INCIDENT_ALERTS_MAX,
  isObject,
  isVantage,
  type JsonObject,
  proofLink,
  readPath,
} from '@vitrine/schema';
import type { Story, StoryAlert, StoryEvidence, StoryStep, TriageItem } from '@vitrine/schema/api';
import type { RecordRow, Store } from '@vitrine/store';
import { idOf, triageItem } from './alert-item.ts';
import type { Context } from './context.ts';
import { vantageOf } from './item.ts';

export async function storyOf(context: Context, session: string): Promise<Story> {
  const { store, log, size } = context.asked;
  const base = context.system.config.public_url;
  const filter = { log, size, order: 'asc' as const, subject: session };
  const found = await store.alerts.list({ ...filter, limit: INCIDENT_ALERTS_MAX + 1 });
  const alerts = found.slice(0, INCIDENT_ALERTS_MAX);
  const evidence = await rowsOf(store, log, size, alerts.flatMap(evidenceOf).map(indexOf));
  const last = await store.alerts.lastActs(log, size, alerts.map(idOf));
  const told = alerts.map((row) => {
    const triage = triageItem(row, last.get(idOf(row)));
    return alertStep(row, { evidence, triage, base, session });
  });
  const around = await contextSteps(context, session, told, evidence);
  return { steps: inOrder([...around, ...told]), more: found.length > INCIDENT_ALERTS_MAX };
}

interface Evidence {
  log: string;
  index: number;
  leaf: string;
}

function evidenceOf({ record }: RecordRow): Evidence[] {
  const { evidence } = JSON.parse(record) as JsonObject;
  return Array.isArray(evidence) ? (evidence.filter(isObject) as unknown as Evidence[]) : [];
}

function indexOf({ index }: Evidence): number {
  return index;
}

type Rows = Map<number, RecordRow>;

async function rowsOf(store: Store, log: string, size: number, indices: number[]): Promise<Rows> {
  const rows = await store.alerts.rowsAt(log, size, indices);
  return new Map(rows.map((row) => [row.idx, row]));
}

function alertStep(
  row: RecordRow,
  given: { evidence: Rows; triage: TriageItem; base: string; session: string },
): StoryStep {
  const record = JSON.parse(row.record) as JsonObject;
  const { id, rule, title, severity, what, todo, vantage } = record;
  const { base, session, triage } = given;
  const evidence = evidenceOf(row).map((named): StoryEvidence => {
    const found = given.evidence.get(named.index);
    const link = proofLink(base, found?.session ?? session, named.index);
    return { ...named, row: found === undefined ? null : shown(found), link };
  });
  return {
    role: 'alert',
    t: latest(evidence) ?? row.t,
    says: String(what),
    ...placeOf(row),
    // Who saw what it stands on; the alert itself is the log's own word.
    vantage: isVantage(vantage) ? vantage : '',
    link: alertLink(base, row.idx),
    alert: {
      ...{ id: String(id), rule: String(rule), title: String(title) },
      ...{ severity: severity as StoryAlert['severity'], todo: String(todo), triage, evidence },
    },
  };
}

/** When the last of them happened; a rule about two fires with the second one. */
function latest(evidence: readonly StoryEvidence[]): string | undefined {
  const times = evidence.flatMap(({ row }) => (row === null ? [] : [row.t]));
  return times.toSorted((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1))[0];
}

function shown(row: RecordRow): NonNullable<StoryEvidence['row']> {
  const { kind, t, title } = row;
  return { kind, t, title, vantage: vantageOf(row) };
}

function placeOf(row: RecordRow): Pick<StoryStep, 'log' | 'index' | 'leaf' | 'kind' | 'vantage'> {
  const { log, idx: index, kind } = row;
  return { log, index, leaf: row.leaf.toString('base64'), kind, vantage: vantageOf(row) };
}

/** What explains the alerts: each record once, and none that an alert stands on anyway. */
async function contextSteps(
  context: Context,
  session: string,
  alerts: readonly StoryStep[],
  evidence: Rows,
): Promise<StoryStep[]> {
  const { store, log, size } = context.asked;
  const roles = new Map<number, StoryStep['role']>();
  for (const { kind, idx } of await store.supervision(log, size, [session])) {
    if (kind === 'open' || kind === 'close') roles.set(idx, kind);
  }
  for (const around of await store.alerts.storyContexts(log, size, session, alerts)) {
    if (around.prompt !== null) roles.set(around.prompt, 'prompt');
    if (around.tool !== null) roles.set(around.tool, 'tool');
    if (around.egress !== null) roles.set(around.egress, 'egress');
  }
  for (const index of evidence.keys()) roles.delete(index);
  const rows = await rowsOf(store, log, size, [...roles.keys()]);
  return [...rows.values()].map((row) => {
    const role = roles.get(row.idx)!;
    const link = proofLink(context.system.config.public_url, session, row.idx);
    return { role, t: row.t, says: sentence(role, row), ...placeOf(row), link };
  });
}

/** A title is the kind, or the method of a request, and what it was about. */
function sentence(role: StoryStep['role'], row: RecordRow): string {
  const record = JSON.parse(row.record) as JsonObject;
  const about = row.title.startsWith(row.kind)
    ? row.title.slice(row.kind.length).trim()
    : row.title;
  switch (role) {
    case 'open': {
      const [host, user] = ['host.name', 'user'].map((path) => readPath(record, path));
      const where = typeof host === 'string' ? ` on host ${host}` : '';
      return `The session opened${where}${typeof user === 'string' ? ` for ${user}` : ''}.`;
    }
    case 'prompt':
      return `A prompt was submitted${about === '' ? '' : `: ${about}`}.`;
    case 'tool':
      return `The agent called ${about === '' ? 'a tool' : about}.`;
    case 'egress':
      return `Then the sandbox sent: ${about === '' ? row.kind : about}.`;
    default:
      return `The session closed${about === '' ? '' : `: ${about}`}.`;
  }
}

/** `open` stands first and `close` last, whatever the clocks say. */
function inOrder(steps: readonly StoryStep[]): StoryStep[] {
  const rank = ({ role }: StoryStep): number => {
    if (role === 'open') return 0;
    return role === 'close' ? 2 : 1;
  };
  return steps.toSorted((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    const [ta, tb] = [BigInt(a.t), BigInt(b.t)];
    if (ta !== tb) return ta < tb ? -1 : 1;
    return a.index - b.index;
  });
}
