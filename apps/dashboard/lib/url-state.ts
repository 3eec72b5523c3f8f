/**
 * Every key that may stand in a query string of the dashboard, with its type. Pages read them with
 * nuqs's hooks, links are made from them by `paths.ts`; nobody else spells one.
 */
import { FILE_OPS, FILE_SORTS, MOUNT_MODES, SOURCE_STATES } from '@vitrine/schema/api';
import { ALERT_STATES, VANTAGES } from '@vitrine/schema/record';
import {
  createSerializer,
  parseAsArrayOf,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from 'nuqs/server';

export const EVENT_TABS = ['fields', 'record', 'parts', 'process', 'vantage', 'proof'] as const;
export type EventTab = (typeof EVENT_TABS)[number];

/**
 * `/s/<session>`: the opened event, the filters, the time in nanoseconds (both ends belong to it),
 * the chosen leaves `first..last`, the tab of the event panel.
 */
export const timelineKeys = {
  e: parseAsInteger,
  from: parseAsString.withDefault(''),
  to: parseAsString.withDefault(''),
  range: parseAsString.withDefault(''),
  kind: parseAsArrayOf(parseAsString).withDefault([]),
  vantage: parseAsArrayOf(parseAsString).withDefault([]),
  q: parseAsString.withDefault(''),
  tab: parseAsStringLiteral(EVENT_TABS).withDefault('fields'),
};

/** `/incidents`: the filters. */
export const incidentKeys = {
  severity: parseAsArrayOf(parseAsString).withDefault([]),
  state: parseAsArrayOf(parseAsStringLiteral(ALERT_STATES)).withDefault([]),
};

/** `/alerts`: the opened alert by its leaf index, the filters. */
export const alertKeys = {
  a: parseAsInteger,
  ...incidentKeys,
  assignee: parseAsString.withDefault(''),
  q: parseAsString.withDefault(''),
  rule: parseAsString.withDefault(''),
  session: parseAsString.withDefault(''),
};

export const RULE_STATES = ['active', 'dormant'] as const;

/** `/rules`: the opened rule, the filters. */
export const ruleKeys = {
  rule: parseAsString.withDefault(''),
  severity: parseAsArrayOf(parseAsString).withDefault([]),
  state: parseAsArrayOf(parseAsStringLiteral(RULE_STATES)).withDefault([]),
  risk: parseAsArrayOf(parseAsString).withDefault([]),
  q: parseAsString.withDefault(''),
};

/** `/connectors`: the opened connector. */
export const connectorKeys = { connector: parseAsString.withDefault('') };

/** `/sources`: one session or all, the states shown, the opened cell `risk.component`. */
export const sourceKeys = {
  session: parseAsString.withDefault(''),
  state: parseAsArrayOf(parseAsStringLiteral(SOURCE_STATES)).withDefault([]),
  cell: parseAsString.withDefault(''),
};

/** `/s/<session>/files`: part of a path, what was done, the mount, who saw it, the order. */
export const fileKeys = {
  path: parseAsString.withDefault(''),
  op: parseAsStringLiteral(FILE_OPS),
  mode: parseAsStringLiteral(MOUNT_MODES),
  seen: parseAsStringLiteral(VANTAGES),
  sort: parseAsStringLiteral(FILE_SORTS).withDefault('path'),
  order: parseAsStringLiteral(['asc', 'desc'] as const).withDefault('asc'),
};

/** `/s/<session>/egress`: part of a host, who saw it. */
export const egressKeys = {
  host: parseAsString.withDefault(''),
  seen: parseAsStringLiteral(VANTAGES),
};

/** `/s/<session>/processes`: the selected process by its first leaf, who saw it. */
export const processKeys = { p: parseAsInteger, seen: parseAsStringLiteral(VANTAGES) };

export const APPROVAL_SPANS = ['24h', '7d', '30d'] as const;

/** `/approvals` and `/s/<session>/approvals`: one user, one tool, how far back. */
export const approvalKeys = {
  user: parseAsString.withDefault(''),
  tool: parseAsString.withDefault(''),
  since: parseAsStringLiteral(APPROVAL_SPANS),
};

/** `/search`: what was pasted. */
export const searchKeys = { q: parseAsString.withDefault('') };

/** `/login`: the page to go on to. */
export const loginKeys = { to: parseAsString.withDefault('/') };

export const timelineQuery = createSerializer(timelineKeys);
export const alertQuery = createSerializer(alertKeys);
export const incidentQuery = createSerializer(incidentKeys);
export const ruleQuery = createSerializer(ruleKeys);
export const connectorQuery = createSerializer(connectorKeys);
export const sourceQuery = createSerializer(sourceKeys);
export const fileQuery = createSerializer(fileKeys);
export const processQuery = createSerializer(processKeys);
export const approvalQuery = createSerializer(approvalKeys);
export const searchQuery = createSerializer(searchKeys);
export const loginQuery = createSerializer(loginKeys);
