/** What is missing for a rule: connected sources of one session, by name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceTail } from '@vitrine/store';
import { missingSources } from './dormant.ts';
import { heardSources } from './heard.ts';
import { type JudgedSource, judgeSources } from './judge.ts';

const NOW_MS = 1_764_000_000_000;
const NEEDS = [['egress', 'mitmproxy'], ['strace']];

function session(heard: [name: string, vantage: string][], expected: string[] = []) {
  const ns = `${NOW_MS - 1_000}000000`;
  const tails = heard.map(([name, vantage]): SourceTail => {
    const said = { records: 5, whole: true, heard: ns, spoke: ns, kinds: ['other'] };
    return { session: 's', name, vantage, ...said };
  });
  const nowNs = BigInt(NOW_MS) * 1_000_000n;
  const sources = heardSources({ tails, notices: [] });
  return judgeSources({ opened: { expected }, closed: false, heard: sources, nowNs });
}

function missing(...sessions: JudgedSource[][]): string[][] {
  return missingSources(NEEDS, sessions);
}

test('a rule sleeps until one source of each group is connected, and says which it lacks', () => {
  assert.deepEqual(missing(), NEEDS);
  assert.deepEqual(missing(session([['strace', 'boundary']])), [['egress', 'mitmproxy']]);
  const both = session([
    ['strace', 'boundary'],
    ['mitmproxy', 'boundary'],
  ]);
  assert.deepEqual(missing(session([]), both), []);
  assert.deepEqual(missingSources([], []), [], 'a rule that needs no source never sleeps');
});

test('sources of two sessions are not added up', () => {
  const files = session([['strace', 'boundary']]);
  const requests = session([['egress', 'boundary']]);
  assert.equal(missing(files, requests).length, 1);
});

test('a source that is only expected, and one that took the name of another, fill nothing', () => {
  assert.deepEqual(missing(session([], ['boundary/strace'])), NEEDS);
  const forged = session([['strace', 'agent']], ['boundary/egress']);
  assert.deepEqual(missing(forged), NEEDS);
  const unannounced = session([['strace', 'boundary']], ['boundary/egress']);
  assert.deepEqual(missing(unannounced), [['egress', 'mitmproxy']], 'what it tells is taken');
});
