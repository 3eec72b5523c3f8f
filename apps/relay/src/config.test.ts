import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Json,
  type JsonObject,
  NAME_CHARS_MAX,
  RELAY_INTAKES_MAX,
  SPOOL_BYTES_MAX,
  SPOOL_BYTES_MIN,
  SPOOL_SYNC_MS,
  SPOOL_SYNC_MS_MAX,
} from '@vitrine/schema';
import { type RelayConfig, readConfig as read } from './config.ts';
import { takeMacKey } from './mac-key.ts';

const KEY = '0f'.repeat(32);
const GOOD: JsonObject = {
  session: 'a.B_9:2-x',
  spool_dir: '/run/relay/spool',
  opp_socket: '/run/relay/opp.sock',
  mac_key: KEY,
  intakes: [
    { socket: '/run/relay/agent.sock', vantage: 'agent' },
    { socket: '/run/relay/host.sock', vantage: 'host' },
  ],
};

function readConfig(text: string): RelayConfig {
  const bytes = Buffer.from(text);
  const macKey = takeMacKey(bytes);
  return read(bytes.toString(), macKey);
}

function changed(member: string, value: Json | undefined): string {
  return JSON.stringify({ ...GOOD, [member]: value });
}

function intakes(count: number): Json {
  return Array.from({ length: count }, (_, i) => ({ socket: `/run/${i}`, vantage: 'agent' }));
}

describe('readConfig', () => {
  it('reads all members, with a default for the size of the spool', () => {
    assert.deepEqual(readConfig(JSON.stringify(GOOD)), {
      session: 'a.B_9:2-x',
      spoolDir: '/run/relay/spool',
      oppSocket: '/run/relay/opp.sock',
      oppTls: undefined,
      macKey: Buffer.from(KEY, 'hex'),
      intakes: GOOD.intakes,
      spoolBytesMax: SPOOL_BYTES_MAX,
      spoolSyncMs: SPOOL_SYNC_MS,
    });
    const smallest = readConfig(changed('spool_bytes_max', SPOOL_BYTES_MIN));
    assert.equal(smallest.spoolBytesMax, SPOOL_BYTES_MIN);
    for (const ms of [0, SPOOL_SYNC_MS_MAX]) {
      assert.equal(readConfig(changed('spool_sync_ms', ms)).spoolSyncMs, ms);
    }
    assert.equal(readConfig(changed('intakes', intakes(RELAY_INTAKES_MAX))).intakes.length, 16);
    assert.ok(readConfig(changed('session', 's'.repeat(NAME_CHARS_MAX))));
  });

  it('reads ports of the loopback interface, for the agent alone', () => {
    const listening = (listen: Json, vantage = 'agent') =>
      readConfig(changed('intakes', [{ listen, vantage }])).intakes[0];
    const v4 = { host: '127.0.0.1', port: 4318 };
    assert.deepEqual(listening('127.0.0.1:4318'), { listen: v4, vantage: 'agent' });
    assert.deepEqual(listening('[::1]:0'), { listen: { host: '::1', port: 0 }, vantage: 'agent' });
    for (const other of ['0.0.0.0:4318', 'localhost:4318', '127.0.0.1', '127.0.0.1:65536', 4318]) {
      assert.throws(() => listening(other), {
        code: 'CONFIG_INVALID',
        message: /127\.0\.0\.1:PORT/,
      });
    }
    assert.throws(() => listening('[::1]:0', 'boundary'), { message: /only the agent's/ });
    const both = [{ listen: '[::1]:0', socket: '/x', vantage: 'agent' }];
    assert.throws(() => readConfig(changed('intakes', both)), { message: /exclude each other/ });
  });

  it('reads where it is pulled over TLS, alone or beside the socket', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nx\n';
    const tls = { host: '0.0.0.0', port: 4320, cert: pem, key: pem, client_ca: pem };
    const { client_ca: clientCa, ...rest } = tls;
    assert.deepEqual(readConfig(changed('opp_tls', tls)).oppTls, { ...rest, clientCa });
    const alone = JSON.stringify({ ...GOOD, opp_socket: undefined, opp_tls: tls });
    assert.equal(readConfig(alone).oppSocket, undefined);
    const WRONG: [change: JsonObject, says: RegExp][] = [
      [{ client_ca: null }, /client_ca is no PEM/],
      [{ key: '/etc/key.pem' }, /key is no PEM/],
      [{ host: 'localhost' }, /host is no IP address/],
      [{ port: 65_536 }, /port is no port/],
      [{ ciphers: 'x' }, /ciphers is not known/],
    ];
    for (const [change, message] of WRONG) {
      const text = changed('opp_tls', { ...tls, ...change });
      assert.throws(() => readConfig(text), { code: 'CONFIG_INVALID', message });
    }
  });

  const BAD: [what: string, text: string, says: RegExp][] = [
    ['no JSON', 'session: x', /no JSON/],
    ['no object', '[]', /no JSON object/],
    ['an unknown member', changed('relay_id', 'x'), /relay_id is not known/],
    ['no session', changed('session', undefined), /session is not/],
    ['a session with a slash', changed('session', 'a/b'), /session is not/],
    ['a session too long', changed('session', 's'.repeat(NAME_CHARS_MAX + 1)), /session is not/],
    ['the reserved session', changed('session', 'log'), /reserved/],
    ['a relative directory', changed('spool_dir', 'spool'), /spool_dir is no absolute path/],
    ['a zero in a path', changed('opp_socket', '/a\0b'), /opp_socket is no absolute path/],
    ['no way to be pulled', changed('opp_socket', undefined), /nobody could pull/],
    ['a short key', changed('mac_key', KEY.slice(2)), /mac_key is not 64/],
    ['a key in capitals', changed('mac_key', KEY.toUpperCase()), /mac_key is not 64/],
    ['no intake', changed('intakes', []), /1 to 16/],
    ['too many intakes', changed('intakes', intakes(RELAY_INTAKES_MAX + 1)), /1 to 16/],
    ['an intake that is a text', changed('intakes', ['/x']), /intakes\[0\] is no object/],
    [
      'an unknown vantage',
      changed('intakes', [{ socket: '/x', vantage: 'god' }]),
      /intakes\[0\]\.vantage/,
    ],
    [
      'an unknown member of an intake',
      changed('intakes', [{ socket: '/x', vantage: 'host', mode: 7 }]),
      /intakes\[0\]\.mode is not known/,
    ],
    [
      'a socket used twice',
      changed('intakes', [{ socket: '/run/relay/opp.sock', vantage: 'host' }]),
      /used twice/,
    ],
    ['a tiny spool', changed('spool_bytes_max', SPOOL_BYTES_MIN - 1), /spool_bytes_max/],
    ['a sync in the past', changed('spool_sync_ms', -1), /spool_sync_ms/],
    ['a late sync', changed('spool_sync_ms', SPOOL_SYNC_MS_MAX + 1), /spool_sync_ms/],
    ['half a byte', changed('spool_bytes_max', SPOOL_BYTES_MIN + 0.5), /spool_bytes_max/],
  ];
  for (const [what, text, says] of BAD) {
    it(`refuses ${what}, and never repeats the key`, () => {
      assert.throws(
        () => readConfig(text),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'CONFIG_INVALID');
          assert.match(error.message, says);
          return !`${error.message}${error.stack}`.toLowerCase().includes(KEY.slice(2));
        },
      );
    });
  }
});
