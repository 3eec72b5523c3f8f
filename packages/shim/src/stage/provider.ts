/**
 * Stands in for a provider's API in tests: TLS with an authority of its own, and counts callers.
 */
import { writeFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RunAuthority } from '../egress/certificate.ts';

export class StageProvider {
  readonly port: number;
  readonly caFile: string;
  connections = 0;
  readonly #server: Server;

  private constructor(server: Server, caFile: string) {
    this.#server = server;
    this.caFile = caFile;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', () => {
      this.connections++;
    });
  }

  static async start(dir: string, listener: RequestListener): Promise<StageProvider> {
    const authority = await RunAuthority.create(Date.now());
    const caFile = join(dir, 'provider-ca.pem');
    writeFileSync(caFile, authority.certificate);
    const server = createHttps(
      {
        maxHeaderSize: 131_072,
        SNICallback: (name, done) => {
          authority.contextFor(name).then((context) => done(null, context), done);
        },
      },
      listener,
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StageProvider(server, caFile);
  }

  /** Without TLS. */
  static async startPlain(listener: RequestListener): Promise<StageProvider> {
    const server = createHttp(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StageProvider(server, '');
  }

  async end(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}
