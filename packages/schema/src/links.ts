/** Addresses of the dashboard's pages that others link to: alerts, connectors, the command line. */

/** An alert with its evidence rows. `base`: the dashboard, without a slash at its end. */
export function alertLink(base: string, index: number): string {
  return `${base}/alerts?a=${index}`;
}

/** One row of a session, opened at its proof. */
export function proofLink(base: string, session: string, index: number): string {
  return `${base}/s/${encodeURIComponent(session)}?e=${index}&tab=proof`;
}

/** What the agents of a session did, as a tree. */
export function agentsLink(base: string, session: string): string {
  return `${base}/s/${encodeURIComponent(session)}/agents`;
}
