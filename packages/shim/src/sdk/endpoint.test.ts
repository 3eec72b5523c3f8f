import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointOf } from './endpoint.ts';

test('an endpoint is a host and a port, or a path', () => {
  const taken: [string | undefined, string, boolean][] = [
    [undefined, 'http://127.0.0.1:4317', false],
    ['http://127.0.0.1:4317', 'http://127.0.0.1:4317', false],
    ['http://127.0.0.1:4317/', 'http://127.0.0.1:4317', false],
    ['http://localhost:4317', 'http://127.0.0.1:4317', false],
    ['http://[::1]:4317', 'http://[::1]:4317', false],
    ['http://collector', 'http://collector:80', false],
    ['https://collector.example', 'https://collector.example:443', true],
    ['unix:///run/vitrine/agent.sock', 'unix:///run/vitrine/agent.sock', false],
  ];
  for (const [given, url, secure] of taken) assert.deepEqual(endpointOf(given), { url, secure });
});

test('anything else is refused before it is tried', () => {
  const refused = [
    '',
    'collector:4317',
    'ftp://collector',
    'http://',
    'http://collector:4317/v1/traces',
    'http://collector:4317/?a=b',
    'http://user@collector:4317',
    'unix://relative.sock',
    'unix:/one.slash',
  ];
  for (const given of refused) {
    assert.throws(() => endpointOf(given), { code: 'CONFIG_INVALID' }, given);
  }
});
