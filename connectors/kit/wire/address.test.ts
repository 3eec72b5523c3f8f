import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AddressPolicy, allowMistake, classifyAddress } from './address.ts';

const CLASSES: Record<string, string[]> = {
  public: ['1.1.1.1', '52.0.0.1', '2606:4700::1111', '::ffff:1.1.1.1', '64:ff9b::1.1.1.1'],
  loopback: ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '64:ff9b::127.0.0.1'],
  private: ['10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd12::1', '::ffff:10.0.0.1'],
  never: [
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '64:ff9b::169.254.169.254',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '100.100.100.200',
    '192.0.0.192',
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
    '240.0.0.1',
    '192.0.2.1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2001:0:1::',
    '::7f00:1',
    'fec0::1',
    '64:ff9b:1::7f00:1',
    'localhost',
    '',
  ],
};

describe('classifyAddress', () => {
  for (const [kind, addresses] of Object.entries(CLASSES)) {
    for (const address of addresses) {
      it(`calls ${address || 'nothing'} ${kind}`, () => {
        assert.equal(classifyAddress(address), kind);
      });
    }
  }
});

describe('AddressPolicy', () => {
  const permits = (allow: string[], address: string): boolean => {
    return new AddressPolicy(allow).permits(address);
  };

  it('permits public addresses and nothing else by itself', () => {
    for (const [kind, addresses] of Object.entries(CLASSES)) {
      for (const address of addresses) assert.equal(permits([], address), kind === 'public');
    }
  });

  it('opens what is named', () => {
    assert.ok(permits(['loopback'], '127.0.0.1'));
    assert.ok(permits(['loopback'], '::1'));
    assert.ok(!permits(['loopback'], '10.0.0.1'));
    assert.ok(permits(['private'], '10.0.0.1'));
    assert.ok(!permits(['private'], '127.0.0.1'));
    assert.ok(permits(['10.1.0.0/16'], '10.1.255.1'));
    assert.ok(permits(['10.1.0.0/16'], '::ffff:10.1.255.1'));
    assert.ok(!permits(['10.1.0.0/16'], '10.2.0.1'));
    assert.ok(permits(['10.1.2.3'], '10.1.2.3'));
    assert.ok(!permits(['10.1.2.3'], '10.1.2.4'));
    assert.ok(permits(['fd12::/16'], 'fd12::9'));
  });

  it('never opens link-local and metadata addresses, whatever is named', () => {
    const allow = ['loopback', 'private', '100.64.0.0/10', 'fc00::/7', '160.0.0.0/3', '1.0.0.0/1'];
    for (const address of CLASSES.never!) assert.ok(!permits(allow, address), address);
  });
});

describe('allowMistake', () => {
  it('accepts names, ranges and addresses', () => {
    for (const entry of ['loopback', 'private', '10.0.0.0/8', '10.1.2.3', 'fd00::/8', '::1']) {
      assert.equal(allowMistake(entry), undefined, entry);
    }
  });

  it('refuses what is never allowed, and what is no range', () => {
    for (const entry of ['169.254.0.0/16', '169.254.169.254', '0.0.0.0/0', '::/0', 'fe80::/10']) {
      assert.match(allowMistake(entry) ?? '', /never allowed/, entry);
    }
    for (const entry of ['', 'localhost', '10.0.0.0/33', '10.0.0.0/x', 'public', '*']) {
      assert.match(allowMistake(entry) ?? '', /must be/, entry);
    }
  });
});
