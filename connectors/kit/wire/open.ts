/** The wire that a connector's transport needs. */
import { HttpWire } from './http.ts';
import { StreamWire } from './stream.ts';
import type { Wire, WireOptions } from './wire.ts';

/** Throws CONNECTOR_CONFIG_INVALID when a PEM file cannot be read. */
export function openWire(options: WireOptions): Wire {
  const { transport } = options.connector;
  if (transport.kind === 'http') return new HttpWire(options, transport);
  return new StreamWire(options, transport);
}
