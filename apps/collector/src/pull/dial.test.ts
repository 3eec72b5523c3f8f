/** A relay in a process of its own, pulled through a monitor's socket and over TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  OPP_CONNECTIONS_MAX,
  OPP_STRANGERS_PER_PEER_MAX,
  VSOCK_ANSWER_BYTES_MAX,
} from '@vitrine/schema';
import { type Certified, certificate } from '../fixture/certificate.ts';
import { postTo, RELAY_MAC_KEY, type RelayRig, relayRig } from '../fixture/relay.ts';
import type { PullTls } from './dial.ts';
import { OppClient } from './opp.ts';
import { readPage } from './page.ts';
import type { RelayAddress } from './registration.ts';

const HOST = { standing: 'guest', macKey: RELAY_MAC_KEY } as const;
const DAY_MS = 86_400_000;
/** TLS 1.3 tells a client that its certificate is refused after its handshake, if in time. */
const REFUSED = /alert|hang up|ECONNRESET|EPIPE/;

let dir: string;
let undo: (() => unknown)[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-dial-'));
  undo = [];
});
afterEach(async () => {
  for (const step of undo.toReversed()) await step();
  rmSync(dir, { recursive: true });
});

async function relay(changes = {}): Promise<RelayRig> {
  const rig = await relayRig(dir, changes);
  undo.push(() => rig.kill());
  return rig;
}

function client(address: Omit<RelayAddress, 'standing' | 'macKey'>, tls?: PullTls): OppClient {
  const made = new OppClient({ relay: { ...HOST, ...address }, tls, puller: 'test' });
  undo.push(() => made.close());
  return made;
}

/** Kinds of the first page that comes. */
async function pulled(from: OppClient): Promise<string[]> {
  const page = await from.pull({}, AbortSignal.timeout(5_000));
  return readPage(page.body).map(
    ({ bytes }) => (JSON.parse(String(bytes)) as { kind: string }).kind,
  );
}

describe('a relay behind a virtual machine monitor', () => {
  /** Answers one line like Firecracker, `OK` and the port of its own end; then only hands on. */
  function monitor(answer: (line: string) => string[]): string {
    const path = join(dir, 'vsock');
    const server: Server = createServer((host) => {
      host.once('data', async (line: Buffer) => {
        host.pause();
        const guest = connect(join(dir, 'opp'));
        host.on('error', () => guest.destroy());
        guest.on('error', () => host.destroy());
        const pieces = answer(String(line));
        if (pieces.length === 0) return host.end();
        for (const piece of pieces) {
          host.write(piece);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        host.pipe(guest).pipe(host);
      });
    });
    undo.push(() => server.close());
    server.listen(path);
    return path;
  }

  it('is asked for by its port, and answers through the same stream', async () => {
    await relay();
    await postTo(dir, 'a');
    const lines: string[] = [];
    const socket = monitor((line) => {
      lines.push(line);
      return ['OK', ' 10737', '41824\n'];
    });
    const opp = client({ socket, vsockPort: 4320 });
    assert.deepEqual(await pulled(opp), ['telemetry.hello', 'tool.call']);
    assert.deepEqual([lines, opp.peer], [['CONNECT 4320\n'], 'vsock:4320']);
  });

  const REFUSALS: [what: string, answer: string[], says: RegExp][] = [
    ['nobody listens in the guest', [], /nobody listens on port 4320/],
    ['the answer is another one', ['HTTP/1.1 400 Bad Request\r\n'], /CONNECT was answered/],
    [
      'the answer never ends',
      ['OK '.padEnd(VSOCK_ANSWER_BYTES_MAX + 1, '1')],
      /CONNECT was answered/,
    ],
  ];
  for (const [what, answer, says] of REFUSALS) {
    it(`is away when ${what}`, async () => {
      await relay();
      const opp = client({ socket: monitor(() => answer), vsockPort: 4320 });
      await assert.rejects(pulled(opp), { code: 'RELAY_AWAY', message: says });
    });
  }
});

describe('a relay over TLS', () => {
  let [authority, other, sandbox]: Certified[] = [];

  async function secured(server?: Certified): Promise<string> {
    authority = certificate('authority');
    other = certificate('other');
    sandbox = server ?? certificate('sandbox-1', { by: authority });
    const { cert, key } = sandbox;
    const opp = { host: '127.0.0.1', port: 0, cert, key, client_ca: authority.cert };
    const { ready } = await relay({ opp_tls: opp });
    return String(ready.opp);
  }

  function shown(by: Certified | undefined, ca = authority, options = {}): PullTls {
    const { cert, key } = certificate('collector', by === undefined ? options : { by, ...options });
    return { cert, key, ca: ca!.cert };
  }

  it('lets its puller in while strangers hold all the connections they get', async () => {
    const url = await secured();
    const port = Number(new URL(url).port);
    const cut: number[] = [];
    const strangers = Array.from({ length: 3 * OPP_CONNECTIONS_MAX }, (_, i) => {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      undo.push(() => socket.destroy());
      socket.on('close', () => cut.push(i));
      return once(socket, 'connect');
    });
    await Promise.all(strangers);
    assert.deepEqual(await pulled(client({ url }, shown(authority))), ['telemetry.hello']);
    assert.ok(cut.length >= 3 * OPP_CONNECTIONS_MAX - OPP_STRANGERS_PER_PEER_MAX);
  });

  it('is pulled with certificates on both sides, and named by its own', async () => {
    const url = await secured();
    const opp = client({ url }, shown(authority));
    assert.deepEqual(await pulled(opp), ['telemetry.hello']);
    assert.match(opp.peer, /^tls:[0-9a-f]{64}$/);
    const named = client({ url, serverName: 'sandbox-1' }, shown(authority));
    assert.ok((await named.drain()).size > 0);
  });

  const DAY_OLD = { until: new Date(Date.now() - DAY_MS / 2) };
  const REFUSALS: [
    what: string,
    tls: () => PullTls,
    serverName: string | undefined,
    says: RegExp,
  ][] = [
    ['the collector’s certificate is of another authority', () => shown(other), undefined, REFUSED],
    ['it has run out', () => shown(authority, authority, DAY_OLD), undefined, REFUSED],
    [
      'the relay’s authority is another one',
      () => shown(authority, other),
      undefined,
      /self-signed|unable to verify/,
    ],
    [
      'the relay’s certificate is for another name',
      () => shown(authority),
      'sandbox-2',
      /altnames/,
    ],
  ];
  for (const [what, tls, serverName, says] of REFUSALS) {
    it(`is not pulled when ${what}`, async () => {
      const url = await secured();
      const opp = client({ url, ...(serverName && { serverName }) }, tls());
      await assert.rejects(pulled(opp), { code: 'RELAY_AWAY', message: says });
    });
  }

  it('is not pulled when its own certificate has run out', async () => {
    const url = await secured();
    const { cert, key } = certificate('sandbox-1', { by: authority!, ...DAY_OLD });
    const opp = { host: '127.0.0.1', port: 0, cert, key, client_ca: authority!.cert };
    const second = join(dir, 'second');
    const paths = {
      spool_dir: second,
      opp_socket: join(dir, 'opp2'),
      intakes: [{ socket: join(dir, 'i2'), vantage: 'agent' }],
    };
    const { ready } = await relay({ ...paths, opp_tls: opp });
    assert.notEqual(ready.opp, url);
    const late = client({ url: String(ready.opp) }, shown(authority));
    await assert.rejects(pulled(late), { code: 'RELAY_AWAY', message: /expired/ });
  });

  it('answers nobody who shows no certificate, and the settings must name one', async () => {
    const url = await secured();
    const bare = { ca: authority!.cert } as PullTls;
    await assert.rejects(pulled(client({ url }, bare)), {
      code: 'RELAY_AWAY',
      message: REFUSED,
    });
    assert.throws(() => client({ url }), {
      code: 'SANDBOX_INVALID',
      message: /needs a certificate/,
    });
  });
});
