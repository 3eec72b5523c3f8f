/** Detection over a log that went on while nobody read it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { RecordRow } from '@vitrine/store';
import { AT_NS, emptyLog, LOG, openEntry, RelayChain, seal } from '../fixture/log.ts';
import { rowsOf, storeOf } from '../fixture/rows.ts';
import type { AlertInput } from '../sequence/alert.ts';
import { Detection } from './detection.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-detect-'));
after(() => rmSync(dir, { recursive: true }));

/** A session that opened, sent a foreign key and closed, in one batch each. */
function history(): RecordRow[] {
  const state = emptyLog();
  const chain = new RelayChain('s1', 'boundary');
  const entry = openEntry('s1');
  entry.description.hosts = ['api.example'];
  const http = { host: 'api.example', method: 'POST', path: '/', auth_fp: '11'.repeat(16) };
  const close = { kind: 'close', session: 's1', reason: 'runtime' } as const;
  return rowsOf([
    seal(state, [entry, chain.page(chain.next('telemetry.hello'))]),
    seal(state, [chain.page(chain.next('egress.request', { http }))], AT_NS + 1n),
    seal(state, [{ ...close, observed: String(AT_NS) }], AT_NS + 2n),
  ]);
}

/** A program that the boundary saw, minutes after the agent's last word; then the session ends. */
function silence(): RecordRow[] {
  const state = emptyLog();
  const agent = new RelayChain('s1', 'agent');
  const boundary = new RelayChain('s1', 'boundary');
  const at = (minutes: number): bigint => AT_NS + BigInt(minutes) * 60_000_000_000n;
  const exec = { process: { exe: '/usr/bin/curl', pid: 7 } };
  const close = { kind: 'close', session: 's1', reason: 'runtime' } as const;
  return rowsOf([
    seal(state, [openEntry('s1'), agent.page(agent.next('session.start'))]),
    seal(state, [boundary.page(boundary.next('process.exec', exec, at(5)))], at(5)),
    seal(state, [{ ...close, observed: String(at(6)) }], at(6)),
  ]);
}

/** A relay that says hello and nothing more, while the log goes on by seals alone. */
function idle(): RecordRow[] {
  const state = emptyLog();
  const relay = new RelayChain('s1', 'guest');
  const tens = [1, 2, 3, 4, 5, 6].map((ten) => AT_NS + BigInt(ten) * 10_000_000_000n);
  return rowsOf([
    seal(state, [openEntry('s1'), relay.page(relay.next('telemetry.hello'))]),
    ...tens.map((at) => seal(state, [], at)),
  ]);
}

function alertsFrom(rows: RecordRow[], from: number): Promise<AlertInput[]> {
  return new Promise((resolve) => {
    const found: AlertInput[] = [];
    const detection = new Detection({
      log: LOG,
      dir: join(dir, 'state'),
      folders: { builtin: true, dir: join(dir, 'rules') },
      store: storeOf(rows),
      from,
      sessions: () => [],
      size: () => rows.length,
      nowMs: () => 0,
      onAlerts: (alerts, to) => {
        // These relays go without a word, which is a finding of its own.
        found.push(...alerts.filter(({ rule }) => rule !== 'TEL-002'));
        if (to === rows.length) void detection.stop().then(() => resolve(found));
      },
      onRules: async () => {},
      print: () => {},
    });
  });
}

describe('detection', () => {
  it('takes the time of the log from its seals', async () => {
    const rules = (await alertsFrom(idle(), 0)).map((alert) => alert.rule);
    assert.deepEqual(rules, ['TEL-001']);
  });
});

describe('detection that starts again', () => {
  it('judges by its open a session that has closed meanwhile', async () => {
    const rows = history();
    const second = rows.findIndex((row) => row.kind === 'seal') + 1;
    const rules = (await alertsFrom(rows, second)).map((alert) => alert.rule);
    assert.deepEqual(rules, ['EGR-001']);
  });

  it('raises nothing again that lies before where it stands', async () => {
    const rows = history();
    const third = rows.findIndex((row) => row.kind === 'egress.request') + 2;
    assert.deepEqual(await alertsFrom(rows, third), []);
  });

  it('goes on with a silence that began before', async () => {
    const rows = silence();
    const exec = rows.findIndex((row) => row.kind === 'process.exec');
    for (const from of [0, exec + 1, exec + 2]) {
      const rules = (await alertsFrom(rows, from)).map((alert) => alert.rule);
      assert.deepEqual(rules, ['TEL-013'], String(from));
    }
    assert.deepEqual(await alertsFrom(rows, rows.length - 1), []);
  });
});
