/** The routes about what becomes of alerts. */
import type {
  ActAnswer,
  ActRequest,
  AlertAnswer,
  AlertPage,
  EventPage,
  ForeignItem,
  IncidentPage,
  StoryAnswer,
} from '@vitrine/schema/api';
import type { Dialect } from '@vitrine/schema/normalise';
import type { EventQuery } from './queries.ts';

export interface IncidentQuery {
  state?: string;
  severity?: string;
  limit?: number;
  after?: number;
}

type Asking = { query?: Record<string, string | number | undefined>; body?: unknown };
type Ask = <T>(method: string, path: string, asking?: Asking) => Promise<T>;

export class AlertDesk {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  alerts(query: EventQuery): Promise<AlertPage> {
    return this.#ask('GET', '/v1/alerts', { query: { ...query } });
  }

  /** The same rows in a dialect of another tool. */
  alertsAs(format: Dialect, query: EventQuery): Promise<EventPage<ForeignItem>> {
    return this.#ask('GET', '/v1/alerts', { query: { ...query, format } });
  }

  /** `name` is an alert's id or its leaf index. */
  alert(name: string): Promise<AlertAnswer> {
    return this.#ask('GET', alertPath(name));
  }

  act(name: string, body: ActRequest): Promise<ActAnswer> {
    return this.#ask('POST', `${alertPath(name)}/state`, { body });
  }

  incidents(query: IncidentQuery): Promise<IncidentPage> {
    return this.#ask('GET', '/v1/incidents', { query: { ...query } });
  }

  incident(session: string): Promise<StoryAnswer> {
    return this.#ask('GET', `/v1/incidents/${encodeURIComponent(session)}`);
  }
}

function alertPath(name: string): string {
  return `/v1/alerts/${encodeURIComponent(name)}`;
}
