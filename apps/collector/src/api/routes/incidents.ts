/** Incidents: the alerts about one session, told as a story. Derived from records, never stored. */
import { API_PAGE_MAX, type HostIdentity, type JsonObject } from '@vitrine/schema';
import type { Incident, IncidentItem, IncidentPage, StoryAnswer } from '@vitrine/schema/api';
import type { Context, Route } from '../context.ts';
import { edrLink } from '../edr-link.ts';
import { ApiError } from '../errors.ts';
import { storyOf } from '../story.ts';
import { severitiesOf, statesOf } from './alerts.ts';

export const incidentRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/incidents',
    summary: 'Alerts by session, newest first; state= and severity= (lists), after= the cursor.',
    async handle(context) {
      context.may('alert.read');
      const { store, log, size } = context.asked;
      const limit = context.limit();
      const after = context.integer('after', 0, Number.MAX_SAFE_INTEGER);
      const found = await store.alerts.incidents({
        ...{ log, size, limit: Math.min(limit + 1, API_PAGE_MAX + 1) },
        ...(after === undefined ? {} : { after }),
        ...severitiesOf(context),
        ...statesOf(context),
      });
      const page = found.slice(0, limit);
      const items = await incidentItems(context, page);
      const cursor = found.length > limit ? (page.at(-1)?.last ?? null) : null;
      context.json<IncidentPage>({ items, cursor, size });
    },
  },
  {
    method: 'GET',
    path: '/v1/incidents/:session',
    summary: 'What happened in one session, step by step: its alerts and what explains them.',
    async handle(context) {
      const session = context.params.session!;
      context.may('alert.read', session);
      const { store, log, size } = context.asked;
      const [incident] = await store.alerts.incidents({ log, size, limit: 1, session });
      if (incident === undefined) {
        const hint = '/v1/incidents lists the sessions with one';
        throw new ApiError('NOT_FOUND', `there is no alert about session ${session}`, hint);
      }
      const [item] = await incidentItems(context, [incident]);
      context.json<StoryAnswer>({ ...item!, ...(await storyOf(context, session)), log, size });
    },
  },
];

const RISK = 'ase.risk.';
const TECHNIQUE = /^(attack\.t\d{4}(\.\d{3})?|atlas\.aml\.t\d{4}(\.\d{3})?)$/;

async function incidentItems(
  context: Context,
  incidents: readonly Incident[],
): Promise<IncidentItem[]> {
  const rows = incidents.map(({ session }) => ({ session, subject: session }));
  const hostOf = await context.hostsOf(rows);
  const { links } = context.system.config;
  return incidents.map(({ tags, ...incident }, n) => {
    const { identity } = hostOf(rows[n]!);
    return {
      ...incident,
      risks: tags.filter((tag) => tag.startsWith(RISK)).map((tag) => tag.slice(RISK.length)),
      techniques: tags.filter((tag) => TECHNIQUE.test(tag)).map(techniqueOf),
      tags,
      // The collector has checked it before it wrote it.
      host: identity as (HostIdentity & JsonObject) | null,
      edr_link: edrLink(links.edr, identity),
    };
  });
}

/** As the catalogues spell it: `T1567.002`, `AML.T0086`. */
function techniqueOf(tag: string): string {
  return tag.slice(tag.indexOf('.') + 1).toUpperCase();
}
