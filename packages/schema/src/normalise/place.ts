/** Where a row stands and where its proof is: the block `vitrine` of OCSF and ECS. */
import type { JsonObject } from '../json.ts';
import { isAlert, vantageOf } from './entry.ts';
import { type Facts, filled } from './facts.ts';
import { hostFacts } from './host.ts';

/** The same for every copy of it: an alert has an id of its own. */
export function idOf(facts: Facts): string {
  const { entry } = facts;
  const alert = isAlert(entry) ? facts.text('id') : undefined;
  return alert ?? `${entry.log}/${entry.index}`;
}

/** `host_process`: the process on the host that runs the sandbox, which an EDR sees. */
export function placeOf(facts: Facts): JsonObject {
  const { entry } = facts;
  const { log, index, leaf, session, shim, seq, link } = entry;
  const { pid, exe, edrVendor, edrDevice } = hostFacts(facts);
  const vantage = vantageOf(entry);
  if (isAlert(entry)) for (const name of ['severity', 'subject', 'vantage']) facts.take(name);
  return filled({
    log,
    index,
    leaf,
    session: facts.short(session, 'session'),
    shim: facts.short(shim, 'shim'),
    seq: seq ?? undefined,
    vantage: vantage === '' ? undefined : vantage,
    link: facts.short(link, 'link'),
    host_process: filled({ pid, exe }),
    edr: filled({ vendor: edrVendor, device_id: edrDevice }),
  });
}
