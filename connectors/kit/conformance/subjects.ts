/** Every HTTP connector of the registry, with its sample. */
import { existsSync, readFileSync } from 'node:fs';
import type { ConnectorType, HttpTransport } from '../define.ts';
import type { ConnectorSample } from './bench.ts';
import type { SampleDestination } from './fault-server.ts';
import type { Subject } from './world.ts';

const CONNECTORS = new URL('../../', import.meta.url);

/** Streams speak no HTTP and are left out: each has a receiver of its own. */
export async function httpSubjects(
  types: Readonly<Record<string, ConnectorType>>,
): Promise<Record<string, Subject>> {
  const subjects: [string, Subject][] = [];
  for (const [name, type] of Object.entries(types)) {
    const folder = new URL(`${name}/`, CONNECTORS);
    const text = readFileSync(new URL('golden/sample.json', folder), 'utf8');
    const sample = JSON.parse(text) as ConnectorSample;
    const config = JSON.parse(text.replaceAll('$SERVER', 'http://127.0.0.1:9')).config as unknown;
    if (type.configure(name, config).transport.kind !== 'http') continue;
    const own = new URL('sample.ts', folder);
    const { destination } = existsSync(own)
      ? ((await import(own.href)) as { destination: SampleDestination })
      : { destination: {} };
    subjects.push([name, { type: type as ConnectorType<HttpTransport>, sample, destination }]);
  }
  return Object.fromEntries(subjects);
}
