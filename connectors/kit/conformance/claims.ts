/** What the cases of the conformance suite look at, whatever the format. */
import assert from 'node:assert/strict';
import type { DeliverableAlert } from '../contract.ts';
import type { Bench } from './bench.ts';
import type { Received } from './fault-server.ts';

/** Of the alerts about one session, the earlier one arrived no later: from `since` on. */
export function assertOrder(bench: Bench, since = 0): void {
  const [first, , third] = bench.alerts;
  const after = (alert: DeliverableAlert): Received => {
    return bench.requestsOf(alert).find(({ at }) => at >= since)!;
  };
  const [one, three] = [after(first!), after(third!)];
  assert.ok(one.at <= three.at);
  if (one === three) assert.ok(one.body.indexOf(first!.id) < one.body.indexOf(third!.id));
}

/** As it is, inside JSON, or inside JSON inside JSON. */
export function says(body: string, text: string): boolean {
  const once = JSON.stringify(text).slice(1, -1);
  const twice = JSON.stringify(once).slice(1, -1);
  return [text, once, twice].some((form) => body.includes(form));
}

/** No secret, no token, in no form that a destination may repeat it in. */
export function assertUnsaid(bench: Bench, said: string): void {
  const { environment } = bench.sample;
  const canaries = [...Object.values(environment), ...(bench.server.destination.tokens ?? [])];
  assert.ok(canaries.length > 0);
  for (const canary of canaries) {
    const bare = canary.replace(/^[a-z]+_/, '');
    const forms = [canary, bare, encodeURIComponent(canary), btoa(canary)];
    for (const text of [...forms, Buffer.from(bare, 'base64').toString('latin1')]) {
      assert.ok(!said.includes(text), 'a secret was written or said');
    }
  }
}

export function ids(alerts: DeliverableAlert[]): string[] {
  return alerts.map(({ id }) => id);
}
