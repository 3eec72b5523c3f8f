import { existsSync, readFileSync } from 'node:fs';
import type { ConnectorSample } from './kit/conformance/bench.ts';
import type { SampleDestination } from './kit/conformance/fault-server.ts';
import { conformance } from './kit/conformance/suite.ts';
import { connectorTypes } from './registry.ts';

for (const [name, type] of Object.entries(connectorTypes)) {
  const folder = new URL(`${name}/`, import.meta.url);
  const text = readFileSync(new URL('golden/sample.json', folder), 'utf8');
  const sample = JSON.parse(text) as ConnectorSample;
  // Streams speak no HTTP: each has its own receiver, test/kafka and test/interop.
  const config = JSON.parse(JSON.stringify(sample.config).replaceAll('$SERVER', 'http://[::1]:9'));
  if (type.configure(name, config).transport.kind !== 'http') continue;
  const own = new URL('sample.ts', folder);
  const { destination } = existsSync(own)
    ? ((await import(own.href)) as { destination: SampleDestination })
    : { destination: {} };
  conformance(type, sample, destination);
}
