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
  });

  it('is refused with the name of what is wrong', () => {
    const refused = (body: unknown, message: RegExp): void =>
      assert.throws(() => sandboxRequest(body), { code: 'SANDBOX_INVALID', message });
    refused(null, /body/);
    refused({ description, relay: { ...relay, socket: 'relative' } }, /relay\.socket/);
    refused({ description, relay: { ...relay, mac_key: 'short' } }, /relay\.mac_key/);
    refused({ description, relay, session: 'a/b' }, /session/);
    refused({ description, relay, more: 1 }, /more/);
    refused({ description: { ...description, credentials: ['sk-secret'] }, relay }, /credentials/);
  });
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
