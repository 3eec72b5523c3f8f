import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAlive } from './process.ts';
import { sandboxRequest } from './registration.ts';
import { successionOf } from './succession.ts';

const relay = { socket: '/run/x.sock', standing: 'boundary', mac_key: '00'.repeat(32) };
const description = { runtime: 'native', host: { name: 'h' } };

describe('a registration', () => {
  it('has defaults for what the runtime need not say', () => {
    const request = sandboxRequest({ description, relay });
    assert.deepEqual(request.description.credentials, []);
    assert.equal(request.relay.macKey.length, 64);
    assert.equal('session' in request, false);
    const expected = ['strace', 'agent/claude-code'];
    const told = sandboxRequest({ description: { ...description, expected }, relay });
    assert.deepEqual(told.description.expected, expected);
    const purposed = sandboxRequest({ description: { ...description, purpose: 'work' }, relay });
    assert.equal(purposed.description.purpose, 'work');
    const functions = ['github.git.push', 'slack.*'];
    const granted = sandboxRequest({ description: { ...description, functions }, relay });
    assert.deepEqual(granted.description.functions, functions);
  });

  it('is refused with the name of what is wrong', () => {
    const refused = (body: unknown, message: RegExp): void =>
      assert.throws(() => sandboxRequest(body), { code: 'SANDBOX_INVALID', message });
    refused(null, /body/);
    refused({ description, relay: { ...relay, socket: 'relative' } }, /relay\.socket/);
    refused({ description, relay: { ...relay, mac_key: 'short' } }, /relay\.mac_key/);
    refused({ description, relay, session: 'a/b' }, /session/);
    refused({ description, relay, more: 1 }, /more/);
    refused({ description: { ...description, expected: ['root/x'] }, relay }, /expected\.0/);
    refused(
      { description: { ...description, expected: ['a', 'a'] }, relay },
      /expected: names one/,
    );
    refused({ description: { ...description, credentials: ['sk-secret'] }, relay }, /credentials/);
    refused({ description: { ...description, purpose: 'play' }, relay }, /purpose/);
    refused({ description: { ...description, functions: ['git push'] }, relay }, /functions/);
  });
});

describe('the address of a relay', () => {
  const { socket, ...rest } = relay;
  const addressOf = (given: object) =>
    sandboxRequest({ description, relay: { ...rest, ...given } }).relay;

  it('is a socket, a port behind a socket, or a URL with a name', () => {
    const { macKey, standing } = addressOf({ socket });
    const own = { macKey, standing };
    assert.deepEqual(addressOf({ socket }), { ...own, socket });
    const behind = { ...own, socket, vsockPort: 4320 };
    assert.deepEqual(addressOf({ socket, vsock_port: 4320 }), behind);
    const url = 'https://10.0.0.7:4320';
    const named = { ...own, url, serverName: 'sandbox-1' };
    assert.deepEqual(addressOf({ url, server_name: 'sandbox-1' }), named);
  });

  const WRONG: [given: object, says: RegExp][] = [
    [{}, /one of socket and url/],
    [{ socket, url: 'https://x' }, /one of socket and url/],
    [{ url: 'https://x', vsock_port: 1 }, /vsock_port goes with socket/],
    [{ socket, server_name: 'x' }, /server_name goes with url/],
    [{ socket, vsock_port: 0 }, /vsock_port/],
    [{ socket, vsock_port: 2 ** 32 - 1 }, /vsock_port/],
    [{ url: 'http://x' }, /relay\.url/],
    [{ url: 'https://x/opp' }, /https:\/\/HOST:PORT/],
    [{ url: 'https://user:word@x' }, /https:\/\/HOST:PORT/],
  ];
  for (const [given, says] of WRONG) {
    it(`is not ${JSON.stringify(given)}`, () => {
      assert.throws(() => addressOf(given), { code: 'SANDBOX_INVALID', message: says });
    });
  }
});

describe('a description', () => {
  it('is taken up to what a record holds, and refused beyond it', () => {
    const words = (count: number) => Array.from({ length: count }, () => 'x'.repeat(1_000));
    const told = (command: string[]) =>
      sandboxRequest({ description: { ...description, command }, relay });
    assert.equal(told(words(50)).description.command?.length, 50);
    assert.throws(() => told(words(80)), { code: 'SANDBOX_INVALID', message: /at most/ });
    assert.throws(() => told(['\ud800']), { code: 'SANDBOX_INVALID' });
  });
});

describe('the process that runs a sandbox', () => {
  it('is alive with its own start time only', () => {
    assert.equal(isAlive(process.pid, undefined), true);
    assert.equal(isAlive(process.pid, '1'), false);
    assert.equal(isAlive(2 ** 22 + 1, undefined), false);
  });
});

describe('a succession', () => {
  it('is read from the first record, and from nothing else', () => {
    const previous = { chain: 's/a.agent', seq: 4, head: 'x' };
    assert.deepEqual(successionOf(Buffer.from(JSON.stringify({ previous }))), previous);
    assert.equal(successionOf(Buffer.from('{"previous":{"chain":1}}')), null);
    assert.equal(successionOf(Buffer.from('{')), null);
    assert.equal(successionOf(Buffer.from('null')), null);
  });
});
