/** The bridge to the EDR in every dialect: the host of a row, as the session's `open` says. */
import { isObject, type JsonObject } from '../json.ts';
import { hostOf, isAlert } from './entry.ts';
import { type Facts, isAddress } from './facts.ts';

export interface HostFacts {
  name: string | undefined;
  id: string | undefined;
  ip: string | undefined;
  os: string | undefined;
  edrVendor: string | undefined;
  edrDevice: string | undefined;
  /** The process there that runs the sandbox. */
  pid: number | undefined;
  exe: string | undefined;
}

export function hostFacts(facts: Facts): HostFacts {
  const host = hostOf(facts.entry);
  // What an alert says of its host is all mapped.
  if (isAlert(facts.entry)) facts.take('host');
  const text = (of: JsonObject | null, name: string): string | undefined => {
    const value = of?.[name];
    return typeof value === 'string' && value !== ''
      ? facts.short(value, `host.${name}`)
      : undefined;
  };
  const edr = isObject(host?.edr) ? host.edr : null;
  const process = isObject(host?.process) ? host.process : null;
  const ip = text(host, 'ip');
  const pid = process?.pid;
  return {
    name: text(host, 'name'),
    id: text(host, 'id'),
    ip: ip !== undefined && isAddress(ip) ? ip : undefined,
    os: text(host, 'os'),
    edrVendor: text(edr, 'vendor'),
    edrDevice: text(edr, 'device_id'),
    pid: typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? pid : undefined,
    exe: text(process, 'exe'),
  };
}
