/** Alerts: records of `log/alert`, where each stands, and what people do with them. */
import { ALERT_STATES, type AlertState } from '@vitrine/schema';
import type { ActAnswer, AlertAnswer, ForeignAlertAnswer } from '@vitrine/schema/api';
import { SEVERITY_WORDS } from '@vitrine/schema/query';
import type { AlertFilter, RecordRow } from '@vitrine/store';
import { alertAct } from '../../triage/act.ts';
import { unknownAlert } from '../../triage/triage.ts';
import { actItem, alertItems, historyOf, idOf } from '../alert-item.ts';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';
import { eventFilter, pageOf } from '../filter.ts';
import { NOTED } from './login.ts';

export const alertRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/alerts',
    summary:
      'Alerts by leaf index; session=, severity=, state= (lists), rule=, assignee=, q=, format=.',
    async handle(context) {
      context.may('alert.read');
      const filter = alertFilter(context);
      const rows = await context.asked.store.alerts.list(filter);
      const page = await pageOf(rows, filter, await alertItems(context, rows));
      context.page(page, filter.size);
    },
  },
  {
    method: 'GET',
    path: '/v1/alerts/:alert',
    summary: 'One alert by its id or leaf index, with everything that was done with it: history.',
    async handle(context) {
      context.may('alert.read', context.params.alert);
      const row = await alertNamed(context);
      const itemOf = await alertItems(context, [row]);
      const item = itemOf(row);
      if (typeof item === 'string') {
        throw new ApiError('BAD_REQUEST', 'a format of lines is for lists');
      }
      const history = await historyOf(context, row);
      const { size } = context.asked;
      context.json<AlertAnswer | ForeignAlertAnswer>({ ...item, history, size });
    },
  },
  {
    method: 'POST',
    path: '/v1/alerts/:alert/state',
    summary:
      'Acknowledge, assign, close, comment: {state?, verdict?, assignee?, comment?, expect?}.',
    async handle(context) {
      const { id: token, role } = context.may('alert.triage', context.params.alert);
      const act = alertAct(await context.body());
      const alert = await alertNamed(context);
      const { triage, tokens } = context.system;
      const note = tokens.list().find((known) => known.id === token)?.note ?? '';
      const noted = note.startsWith(NOTED) ? note.slice(NOTED.length) : note;
      const name = noted.toWellFormed();
      const by = { token, role, ...(name === '' ? {} : { name }) };
      const row = await triage.act(idOf(alert), act, by);
      const { comment = null } = act;
      const id = idOf(alert);
      if (row === undefined) context.json<ActAnswer>({ alert: id, queued: true }, 202);
      else context.json<ActAnswer>({ ...actItem(row), comment, alert: id }, 201);
    },
  },
];

function alertFilter(context: Context): AlertFilter {
  const { log, size } = context.asked;
  const { session: _, kinds: __, ...filter } = eventFilter(context, { log, size }, undefined);
  const [session, rule, assignee] = ['session', 'rule', 'assignee'].map((name) =>
    context.query(name),
  );
  return {
    ...filter,
    ...(session === undefined ? {} : { subject: session }),
    ...severitiesOf(context),
    ...(rule === undefined ? {} : { rule }),
    ...(assignee === undefined ? {} : { assignee }),
    ...statesOf(context),
  };
}

/** `state=`, a list. Throws BAD_REQUEST. */
export function statesOf(context: Context): { states?: AlertState[] } {
  const text = context.query('state');
  if (text === undefined) return {};
  const states = text.split(',').map((word) => ALERT_STATES.find((known) => known === word));
  const known = states.filter((state) => state !== undefined);
  if (known.length === states.length) return { states: known };
  throw new ApiError('BAD_REQUEST', `state must be a list of ${ALERT_STATES.join(', ')}`);
}

/** `severity=`, a list. Throws BAD_REQUEST: a word that is none would find nothing, in silence. */
export function severitiesOf(context: Context): { severities?: string[] } {
  const severities = context.query('severity')?.split(',');
  if (severities === undefined) return {};
  const isKnown = (word: string) => (SEVERITY_WORDS as readonly string[]).includes(word);
  if (severities.every(isKnown)) return { severities };
  throw new ApiError('BAD_REQUEST', `severity must be a list of ${SEVERITY_WORDS.join(', ')}`);
}

/** The alert that the path names, by its id or by its leaf index. */
async function alertNamed(context: Context): Promise<RecordRow> {
  const { store, log, size } = context.asked;
  const name = context.params.alert!;
  if (!/^\d{1,16}$/.test(name)) {
    const row = await store.alerts.ofId(log, size, name);
    if (row === undefined) throw unknownAlert(name);
    return row;
  }
  const index = Number(name);
  const row = index < size ? await store.record(log, size, index) : undefined;
  const isAlert = row?.kind === 'alert' && row.session === 'log' && row.shim === 'alert';
  if (row === undefined || !isAlert) throw unknownAlert(`at leaf ${name}`);
  return row;
}
