/** Lines of a recorded mitmproxy, and what a line must never do to whoever reads it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { FIELD_CHARS_MAX, Scrubber } from '@vitrine/schema';
import type { ShimEvent } from '../send/event.ts';
import { MitmproxyAdapter } from './adapter.ts';

const FIXTURE = new URL('../../fixtures/mitmproxy.txt', import.meta.url);
const NOW = '1800000000000000000';
const OWN = 'b'.repeat(32);

const adapterOf = (provisioned: string[] = []) =>
  new MitmproxyAdapter({
    scrubber: new Scrubber(['a-secret-of-the-session']),
    grants: [],
    now: () => NOW,
    given: { provisioned },
  });

function read(said: object, adapter = adapterOf()): ShimEvent[] {
  return adapter.read(Buffer.from(JSON.stringify({ v: 1, ...said })));
}

function attributes(said: object, adapter?: MitmproxyAdapter): Record<string, unknown> {
  return read(said, adapter)[0]!.attributes;
}

describe('the lines of mitmproxy', () => {
  it('become the events of our own proxy', () => {
    const adapter = adapterOf();
    const lines = readFileSync(FIXTURE, 'utf8').trimEnd().split('\n').slice(1);
    const events = lines.flatMap((line) => adapter.read(Buffer.from(line)));
    const counts = Object.groupBy(events, ({ kind }) => kind);
    const told = Object.entries(counts).map(([kind, all]) => [kind, all!.length]);
    assert.deepEqual(Object.fromEntries(told), {
      'egress.tunnel': 10,
      'egress.request': 5,
      'egress.response': 2,
      'egress.error': 1,
    });
    assert.ok(adapter.started && adapter.saidBye);
    assert.equal(adapter.counts.unparsed, 0);
    const functions = events.map((event) => event.attributes['http.function']).filter(Boolean);
    const names = ['files.create', 'messages.create', 'models.list'];
    assert.deepEqual(
      functions,
      names.map((name) => `anthropic.${name}`),
    );
    const foreign = events.find((event) => event.attributes['http.path'] === '/v1/files')!;
    assert.equal(foreign.attributes['http.auth_provisioned'], false);
    assert.match(String(foreign.attributes['http.auth_fp']), /^[0-9a-f]{32}$/);
  });

  it('name a foreign credential first, whatever its place', () => {
    const credentials = [OWN, 'a'.repeat(32)].map((fp) => ({ where: 'cookie', scheme: 'x', fp }));
    const known = attributes({ kind: 'request', credentials }, adapterOf([OWN]));
    assert.equal(known['http.auth_fp'], 'a'.repeat(32));
    assert.equal(known['http.auth_provisioned'], false);
  });

  it('tell which tokens came in with what tools gave back, by nothing but fingerprints', () => {
    const known = attributes({ kind: 'request', brought: [OWN, 'sk-ant-in-the-clear', 7] });
    assert.deepEqual([known['content.trust'], known['content.auth_fps']], ['tool', [OWN]]);
    assert.equal(attributes({ kind: 'request', brought: [] })['content.trust'], undefined);
  });

  it('lose what is secret, and what is too long is cut and not left out', () => {
    const path = `/v1/a-secret-of-the-session/${'x'.repeat(5_000)}`;
    const known = attributes({ kind: 'request', host: 'a.example', path });
    assert.equal(String(known['http.path']).length, FIELD_CHARS_MAX);
    assert.ok(!String(known['http.path']).includes('a-secret'));
    assert.deepEqual(known['http.cut'], ['http.path']);
  });

  it('say when nothing can be told apart, and what the addon has lost', () => {
    const adapter = adapterOf();
    const [event] = read({ kind: 'hello', keyed: false }, adapter);
    assert.equal(event?.kind, 'telemetry.drop');
    read({ kind: 'trouble', count: 7 }, adapter);
    assert.equal(adapter.counts.dropped, 7);
    const known = attributes({ kind: 'request', credentials: [{ where: 'cookie', fp: 'zz' }] });
    assert.equal(known['http.credentials_unkeyed'], 1);
    assert.equal(known['http.auth_fp'], undefined);
  });

  it('are counted and kept when they are none, and never believed', () => {
    const adapter = adapterOf();
    const odd = ['', '{', 'null', '[]', '{"v":2}', '{"v":1,"kind":"x"}', '{"v":1}', '\xff\xfe'];
    for (const line of odd) {
      const [event] = adapter.read(Buffer.from(line, 'latin1'));
      assert.equal(event?.kind, 'other', line);
    }
    assert.equal(adapter.counts.unparsed, odd.length);
    assert.equal(adapter.started, false);
    const wrong = { t: 'x', host: 3, port: 1e9, path: null, credentials: [1, {}], status: -1 };
    const [event] = read({ kind: 'request', ...wrong, __proto__: { v: 1 }, fetch: 'x' }, adapter);
    assert.equal(event!.t, NOW);
    assert.equal(event!.attributes['http.status'], undefined);
    assert.equal(event!.attributes['net.dst_port'], 0);
  });
});
