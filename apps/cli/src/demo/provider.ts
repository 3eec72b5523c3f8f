/**
 * A stand-in for the provider of the scenarios: an HTTPS server on the loopback address that takes
 * uploads. It has a certificate of a CA that was made a moment ago and is thrown away.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { RunAuthority } from '@vitrine/shim/certificate';

export interface Upload {
  /** When the request was complete here, by the clock of this machine. */
  at: Date;
  path: string;
  bytes: number;
}

export interface Provider {
  port: number;
  /** PEM of the CA that its certificate is of. */
  ca: string;
  uploads: Upload[];
  close(): Promise<void>;
}

const UPLOAD_BYTES_MAX = 1_000_000;

/** `given`: an authority that others have certificates of as well; else one of its own. */
export async function startProvider(given?: RunAuthority): Promise<Provider> {
  const uploads: Upload[] = [];
  const authority = given ?? (await RunAuthority.create(Date.now()));
  const tls: ServerOptions = {
    SNICallback: (name, done) => {
      authority.contextFor(name).then((context) => done(null, context), done);
    },
  };
  const server = createServer(tls, (request, response) => {
    void answer(request, response, uploads);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    ca: authority.certificate,
    uploads,
    close: () => close(server),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  uploads: Upload[],
): Promise<void> {
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) bytes += chunk.length;
  const path = request.url ?? '/';
  const known = request.method === 'POST' && path === '/v1/files';
  const accepted = known && bytes <= UPLOAD_BYTES_MAX;
  if (accepted) uploads.push({ at: new Date(), path, bytes });
  const body = accepted ? { id: `file_${uploads.length}`, bytes } : { error: 'not found' };
  response.writeHead(accepted ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
