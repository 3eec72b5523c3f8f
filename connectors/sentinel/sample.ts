/** How Entra and the Logs Ingestion API answer, for the conformance suite. */
import type { SampleDestination } from '../kit/conformance/fault-server.ts';

const TOKEN = 'entra-canary-token-1';

export const destination: SampleDestination = {
  accept: () => ({ status: 204 }),
  side({ url }) {
    if (!url.endsWith('/oauth2/v2.0/token')) return undefined;
    const body = { token_type: 'Bearer', expires_in: 3_599, access_token: TOKEN };
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
  },
  tokens: [TOKEN],
};
