/** Paths of the API that carry a name. */

export function sessionPath(session: string): string {
  return `/v1/sessions/${encodeURIComponent(session)}`;
}

export function leafPath(log: string, index: number): string {
  return `/v1/events/${encodeURIComponent(log)}/${index}`;
}

export function connectorPath(name: string, verb: string): string {
  return `/v1/connectors/${encodeURIComponent(name)}/${verb}`;
}
