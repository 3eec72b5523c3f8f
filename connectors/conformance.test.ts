import { readFileSync } from 'node:fs';
import type { ConnectorSample } from './kit/conformance/bench.ts';
import { streamConformance } from './kit/conformance/stream-suite.ts';
import { httpSubjects } from './kit/conformance/subjects.ts';
import { conformance } from './kit/conformance/suite.ts';
import { connectorTypes } from './registry.ts';

for (const { type, sample, destination } of Object.values(await httpSubjects(connectorTypes))) {
  conformance(type, sample, destination);
}

// Kafka speaks to a cluster: test/kafka has a real one.
const sample = readFileSync(new URL('syslog/golden/sample.json', import.meta.url), 'utf8');
streamConformance(connectorTypes.syslog!, JSON.parse(sample) as ConnectorSample);
