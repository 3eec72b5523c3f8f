/** Every address of the dashboard, as a snapshot: links in alerts and bookmarks rely on them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { paths, safeReturn } from './paths.ts';

describe('the addresses', () => {
  it('are these', () => {
    const all = [
      paths.sessions(),
      paths.session('s1'),
      paths.session('s1', { e: 0 }),
      paths.session('a b/c:2', {
        e: 4,
        kind: ['file.read', 'net.connect'],
        vantage: ['boundary'],
        q: 'x&y #1',
        tab: 'proof',
      }),
      paths.agents('s1'),
      paths.agents('s1', { e: 7 }),
      paths.alerts(),
      paths.alerts({ a: 249 }),
      paths.alerts({ severity: ['critical', 'high'], rule: 'EGR-001', session: 's1' }),
      paths.sources(),
      paths.sources('s1'),
      paths.connectors(),
      paths.connectors('soc-webhook'),
      paths.search('laptop-17:4711'),
      paths.login(),
      paths.login('/alerts?a=4'),
      paths.loginSession(),
      paths.loginEnd(),
    ];
    assert.deepEqual(all, [
      '/',
      '/s/s1',
      '/s/s1?e=0',
      '/s/a%20b%2Fc%3A2?e=4&kind=file.read,net.connect&vantage=boundary&q=x%26y+%231&tab=proof',
      '/s/s1/agents',
      '/s/s1/agents?e=7',
      '/alerts',
      '/alerts?a=249',
      '/alerts?severity=critical,high&rule=EGR-001&session=s1',
      '/sources',
      '/sources?session=s1',
      '/connectors',
      '/connectors?connector=soc-webhook',
      '/search?q=laptop-17:4711',
      '/login',
      '/login?to=/alerts?a=4',
      '/login/session',
      '/login/end',
    ]);
  });
});

describe('the way back after the login', () => {
  it('leads to our own pages', () => {
    assert.equal(safeReturn('/alerts?a=4'), '/alerts?a=4');
    assert.equal(safeReturn('/s/s1?e=4&tab=proof'), '/s/s1?e=4&tab=proof');
  });

  it('never leads to another origin, nor in a circle', () => {
    const wrong = [
      '//evil.example/x',
      '/\\evil.example',
      '/\t/evil.example',
      '/.//evil.example',
      '/./\\evil.example',
      '/x/..//evil.example',
      'https://evil.example',
      'javascript:alert(1)',
      '/login?to=/login',
      '',
      'alerts',
    ];
    for (const to of wrong) assert.equal(safeReturn(to), '/', JSON.stringify(to));
  });

  it('is of this origin whatever is asked for', () => {
    const base = 'http://127.0.0.1:3000';
    const text = fc.oneof(
      fc.string(),
      fc.string().map((rest) => `/${rest}`),
      fc.stringMatching(/^[/\\\t\n.:@]{1,6}evil\.example/),
    );
    fc.assert(fc.property(text, (to) => new URL(safeReturn(to), base).origin === base));
  });
});
