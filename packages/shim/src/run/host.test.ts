import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { hostIdentity, outwardInterface } from './host.ts';

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';

function route(name: string, destination: string, metric: number): string {
  return `${name}\t${destination}\t0101A8C0\t0003\t0\t0\t${metric}\t00000000\t0\t0\t0`;
}

describe('hostIdentity', () => {
  it('names this host and this process as the kernel knows it', () => {
    const { name, process: own } = hostIdentity();
    assert.equal(name, hostname());
    assert.equal(own?.pid, process.pid);
    assert.equal(own?.exe, process.execPath);
    const stat = readFileSync('/proc/self/stat', 'utf8');
    assert.ok(stat.split(' ').includes(own?.start ?? 'none'));
  });

  it('takes what it is told before what it finds', () => {
    const edr = { vendor: 'crowdstrike', device_id: '0f3c' };
    const identity = hostIdentity({ name: 'build-7', ip: '192.0.2.7', edr });
    assert.partialDeepStrictEqual(identity, { name: 'build-7', ip: '192.0.2.7', edr });
    assert.equal(identity.process?.pid, process.pid);
  });
});

describe('outwardInterface', () => {
  it('is the one of the default route', () => {
    const routes = [HEAD, route('docker0', '000011AC', 0), route('eth0', '00000000', 100)];
    assert.equal(outwardInterface(routes.join('\n')), 'eth0');
  });

  it('is the nearest of several, and none where there is none', () => {
    const routes = [HEAD, route('wlan0', '00000000', 600), route('eth0', '00000000', 100)];
    assert.equal(outwardInterface(routes.join('\n')), 'eth0');
    assert.equal(outwardInterface(HEAD), undefined);
    assert.equal(outwardInterface(''), undefined);
  });
});
