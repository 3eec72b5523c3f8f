/** The page of a host in its EDR's own console, from what `vitrine.yaml` says of that (`links`). */
import { isObject, type JsonObject } from '@vitrine/schema';
import type { Config } from '../config.ts';

/** `null` where the host has no EDR identity, or nobody said where its console is. */
export function edrLink(
  templates: Config['links']['edr'],
  identity: JsonObject | null,
): string | null {
  const edr = identity?.edr;
  if (!isObject(edr) || typeof edr.vendor !== 'string' || typeof edr.device_id !== 'string') {
    return null;
  }
  if (typeof templates === 'string') return filled(templates, edr.vendor, edr.device_id);
  const template = Object.hasOwn(templates, edr.vendor) ? templates[edr.vendor] : undefined;
  return template === undefined ? null : filled(template, edr.vendor, edr.device_id);
}

/** An id is somebody else's text: it can be no more than one step of a path, or one value. */
function filled(template: string, vendor: string, device: string): string {
  const named: Record<string, string> = { vendor, device_id: device };
  return template.replace(/\{(vendor|device_id)\}/g, (_, name: string) =>
    encodeURIComponent(named[name]!),
  );
}
