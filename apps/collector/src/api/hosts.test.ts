/** The host of a row comes from its session's `open`, whatever the row itself says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { API_HOSTS_MAX, type JsonObject } from '@vitrine/schema';
import type { SupervisionRow } from '@vitrine/store';
import { emptyLog, openEntry, seal } from '../fixture/log.ts';
import { Hosts, NO_HOST } from './hosts.ts';

function storeOf(hosts: Record<string, JsonObject | undefined>) {
  const asked: string[][] = [];
  const supervision = async (_log: string, _size: number, names: string[]) => {
    asked.push(names);
    return names.flatMap((session) => {
      const record = JSON.stringify({ kind: 'open', host: hosts[session] });
      const rows = [
        { session, kind: 'open', record },
        { session, kind: 'close', record: '{}' },
      ];
      return session in hosts ? (rows as SupervisionRow[]) : [];
    });
  };
  return { asked, at: { store: { supervision }, log: 'l', size: 9 } };
}

const row = (session: string, subject = '') => ({ session, subject });

describe('the host of a row', () => {
  it('is that of its session, asked for once', async () => {
    const edr = { vendor: 'v', device_id: 'd-7' };
    const { asked, at } = storeOf({ s1: { name: 'h1', edr }, s2: { name: '' }, s3: undefined });
    const hosts = new Hosts(emptyLog());
    const rows = [row('s1'), row('s1'), row('s2'), row('s3'), row('nobody')];
    await hosts.learn(at, rows);
    const found = rows.map((one) => hosts.of(one));
    const known = { host: 'h1', device: 'd-7', identity: { name: 'h1', edr } };
    const unnamed = { ...NO_HOST, identity: { name: '' } };
    assert.deepEqual(found, [known, known, unnamed, NO_HOST, NO_HOST]);
    await hosts.learn(at, rows.slice(0, 4));
    assert.deepEqual(asked, [['s1', 's2', 's3', 'nobody']]);
  });

  it('is that of what an alert is about; a seal has none', async () => {
    const { asked, at } = storeOf({ s1: { name: 'h1' } });
    const hosts = new Hosts(emptyLog());
    const rows = [row('log', 's1'), row('log'), row('')];
    await hosts.learn(at, rows);
    assert.deepEqual(
      rows.map((one) => hosts.of(one).host),
      ['h1', null, null],
    );
    assert.deepEqual(asked, [['s1']]);
  });

  it('is known of an open session without asking', async () => {
    const state = emptyLog();
    seal(state, [openEntry('s1')]);
    const { asked, at } = storeOf({});
    const hosts = new Hosts(state);
    assert.equal(hosts.of(row('s1')).host, 'host');
    await hosts.learn(at, [row('s1')]);
    assert.deepEqual(asked, []);
  });

  it('is forgotten when others were asked for since', async () => {
    const names = Array.from({ length: API_HOSTS_MAX }, (_, i) => `s${i}`);
    const { at } = storeOf(Object.fromEntries([...names, 'more'].map((name) => [name, { name }])));
    const hosts = new Hosts(emptyLog());
    await hosts.learn(
      at,
      names.map((name) => row(name)),
    );
    assert.equal(hosts.of(row('s0')).host, 's0');
    await hosts.learn(at, [row('more')]);
    assert.deepEqual([hosts.of(row('s0')).host, hosts.of(row('s1')).host], ['s0', null]);
  });
});
