/**
 * A way out through the real mitmproxy, whole: a relay's intake, the shim, the proxy, and a server
 * that every name leads to.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { readPath, type SandboxEvent } from '@vitrine/schema';
import { type Asked, askTls, connect } from './client.ts';
import { StageIntake } from './intake.ts';
import { installedMitmdump, StageMitmproxy } from './mitmproxy.ts';
import { StageUpstream } from './upstream.ts';

/** Where `ask` goes unless it is told otherwise. */
export const HOST = 'api.anthropic.com';
/** A name whose TLS is not opened. */
export const QUIET = 'quiet.example';

export const at = (event: SandboxEvent | undefined, path: string) => readPath(event!.fields, path);

export class StageWay {
  intake!: StageIntake;
  upstream!: StageUpstream;
  proxy!: StageMitmproxy;

  async start(key: string | undefined, env: Record<string, string> = {}): Promise<void> {
    const mitmdump = installedMitmdump();
    assert.ok(mitmdump !== undefined, '.ci/mitmproxy installs mitmproxy');
    this.intake = await new StageIntake().start();
    const { dir, socket } = this.intake;
    this.upstream = await StageUpstream.start(dir);
    const keyFile = join(dir, 'key');
    if (key !== undefined) writeFileSync(keyFile, key);
    const { port, caFile } = this.upstream;
    this.proxy = await StageMitmproxy.start({
      dir,
      intake: socket,
      mitmdump,
      upstream: port,
      env,
      given: {
        upstreamCa: caFile,
        passthrough: '^quiet\\.example:',
        ...(key === undefined ? {} : { keyFile }),
        ...(env.OWN === undefined ? {} : { credentials: 'OWN' }),
      },
    });
    await this.intake.until(({ kind }) => kind === 'telemetry.hello');
  }

  async end(): Promise<void> {
    await this.proxy.end();
    await this.upstream.end();
    await this.intake.end();
  }

  ask(asked: Partial<Asked> = {}) {
    return askTls(this.proxy.port, { host: HOST, ca: this.proxy.ca, ...asked });
  }

  /** A TLS connection through a tunnel of that name. */
  async tls(host: string, options: { ca: string; alpn?: string }): Promise<TLSSocket> {
    const { socket } = await connect(this.proxy.port, `${host}:443`);
    const { ca, alpn } = options;
    const tls = connectTls({
      socket,
      servername: host,
      ca,
      ...(alpn === undefined ? {} : { ALPNProtocols: [alpn] }),
    });
    await once(tls, 'secureConnect');
    return tls;
  }

  request(path: string): Promise<SandboxEvent> {
    return this.intake.until(
      (event) => event.kind === 'egress.request' && at(event, 'http.path') === path,
    );
  }

  /** What is told of a request after it has been told of. */
  response(request: SandboxEvent): Promise<SandboxEvent> {
    const flow = at(request, 'http.flow');
    return this.intake.until(
      (event) => event.kind === 'egress.response' && at(event, 'http.flow') === flow,
    );
  }
}
