import assert from 'node:assert/strict';
import type { lookup } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { request } from 'undici';
import { AddressPolicy } from './address.ts';
import { type AgentOptions, guardedAgent } from './agent.ts';

let server: Server;
let port = 0;
/** Connections the server saw: a refusal must not make one. */
let connections = 0;

before(async () => {
  server = createServer((_, response) => response.end('here'));
  server.on('connection', () => connections++);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});

after(() => new Promise((done) => server.close(done)));

/** A resolver that answers as an attacker's would. */
function resolver(...addresses: string[]): typeof lookup {
  const answer = (_: string, __: object, callback: (error: null, found: object[]) => void): void =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  return answer as unknown as typeof lookup;
}

async function get(url: string, allow: string[], options: Partial<AgentOptions> = {}) {
  const policy = new AddressPolicy(allow);
  const dispatcher = guardedAgent({ policy, connectMs: 1_000, ...options });
  try {
    const { body } = await request(url, { dispatcher });
    return await body.text();
  } finally {
    await dispatcher.destroy();
  }
}

const HOSTS = ['127.0.0.1', 'localhost', '0x7f000001', '2130706433', '[::ffff:127.0.0.1]'];

describe('guardedAgent', () => {
  for (const host of HOSTS) {
    it(`refuses ${host} before it connects`, async () => {
      const seen = connections;
      await assert.rejects(get(`http://${host}:${port}/`, []), {
        code: 'EGRESS_REFUSED',
        hint: 'if you mean it, add to this connector: allow: [loopback]',
      });
      await assert.rejects(get(`https://${host}:${port}/`, ['private']), {
        code: 'EGRESS_REFUSED',
      });
      assert.equal(connections, seen);
    });

    it(`connects to ${host} when loopback is allowed`, async () => {
      assert.equal(await get(`http://${host}:${port}/`, ['loopback']), 'here');
    });
  }

  it('connects when a CIDR names the address', async () => {
    assert.equal(await get(`http://127.0.0.1:${port}/`, ['127.0.0.0/8']), 'here');
  });

  for (const host of ['169.254.169.254', '[fd00:ec2::254]', '0.0.0.0', '[::]', '224.0.0.1']) {
    it(`refuses ${host} whatever is allowed`, async () => {
      await assert.rejects(get(`http://${host}:${port}/`, ['loopback', 'private']), {
        code: 'EGRESS_REFUSED',
        hint: 'link-local, metadata, multicast and reserved addresses are never connected to',
      });
    });
  }

  it('refuses a public name that resolves to the metadata service', async () => {
    const resolve = resolver('169.254.169.254');
    await assert.rejects(get('https://hooks.example/', ['loopback'], { resolve }), {
      code: 'EGRESS_REFUSED',
    });
  });

  it('refuses a public name that resolves to the own machine', async () => {
    const seen = connections;
    const resolve = resolver('127.0.0.1');
    await assert.rejects(get(`http://hooks.example:${port}/`, [], { resolve }), {
      code: 'EGRESS_REFUSED',
    });
    assert.equal(connections, seen);
  });

  it('uses only the permitted addresses of a name', async () => {
    const resolve = resolver('169.254.169.254', '127.0.0.1');
    const answer = await get(`http://hooks.example:${port}/`, ['loopback'], { resolve });
    assert.equal(answer, 'here');
  });

  it('sends nothing to a public address without TLS', async () => {
    await assert.rejects(get('http://1.1.1.1/', []), { code: 'EGRESS_PLAINTEXT' });
    const resolve = resolver('1.1.1.1');
    await assert.rejects(get('http://hooks.example/', [], { resolve }), {
      code: 'EGRESS_PLAINTEXT',
    });
  });

  it('hands on that a name does not exist', async () => {
    const missing = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    const resolve = ((_: string, __: object, callback: (error: Error) => void) => {
      callback(missing);
    }) as unknown as typeof lookup;
    await assert.rejects(get('https://hooks.example/', [], { resolve }), { code: 'ENOTFOUND' });
  });
});
