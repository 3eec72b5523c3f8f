/** Which destinations are internal, and how rules are read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isInternal, judgeHost, parseHostRule } from './host-rule.ts';

describe('an address', () => {
  const internal = [
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00:ec2::254',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'not an address',
    '2130706433',
    '0x7f.1',
  ];
  const external = ['93.184.216.34', '8.8.8.8', '172.32.0.1', '11.0.0.1', '2606:2800:220:1::1'];
  for (const address of internal) {
    it(`is internal: ${address}`, () => assert.equal(isInternal(address), true));
  }
  for (const address of external) {
    it(`is not: ${address}`, () => assert.equal(isInternal(address), false));
  }
});

describe('a rule', () => {
  it('is a host, a port and perhaps another way there', () => {
    assert.deepEqual(parseHostRule('API.Example.com.'), { host: 'api.example.com', port: 443 });
    assert.deepEqual(parseHostRule('a.example:8443'), { host: 'a.example', port: 8443 });
    assert.deepEqual(parseHostRule('a.example=127.0.0.1:9', '/ca.pem'), {
      host: 'a.example',
      port: 443,
      upstream: { address: '127.0.0.1', port: 9 },
      caFile: '/ca.pem',
    });
    const six = parseHostRule('a.example:80=[::1]:8080');
    assert.deepEqual(six.upstream, { address: '::1', port: 8080 });
  });

  for (const text of [
    '',
    '*',
    'https://a.example',
    'a.example/x',
    'a:0',
    'a:70000',
    'a=b:1',
    'a=',
  ]) {
    it(`is refused: "${text}"`, () => {
      assert.throws(() => parseHostRule(text), { code: 'HOST_RULE_INVALID' });
    });
  }

  it('is for its own host and port only', () => {
    const rules = [parseHostRule('a.example')];
    const verdicts = [
      'a.example',
      'A.EXAMPLE.',
      'b.a.example',
      'a.example.evil.com',
      'example',
    ].map((host) => judgeHost(rules, host, 443).value);
    assert.deepEqual(verdicts, ['accept', 'accept', 'reject', 'reject', 'reject']);
    assert.equal(judgeHost(rules, 'a.example', 80).value, 'reject');
  });
});
