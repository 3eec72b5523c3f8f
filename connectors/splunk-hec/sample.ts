/** How Splunk's collector answers, for the conformance suite. */
import type { SampleDestination } from '../kit/conformance/fault-server.ts';

export const destination: SampleDestination = {
  accept: ({ method }) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      method === 'GET' ? { text: 'HEC is healthy', code: 17 } : { text: 'Success', code: 0 },
    ),
  }),
};
