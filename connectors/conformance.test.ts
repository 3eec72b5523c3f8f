import { httpSubjects } from './kit/conformance/subjects.ts';
import { conformance } from './kit/conformance/suite.ts';
import { connectorTypes } from './registry.ts';

for (const { type, sample, destination } of Object.values(await httpSubjects(connectorTypes))) {
  conformance(type, sample, destination);
}
