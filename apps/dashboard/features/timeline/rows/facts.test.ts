/** What a row says beside its kind. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@vitrine/schema/record';
import { eventItem } from '../window/log.fixture.ts';
import { factsOf } from './facts.ts';

const facts = (kind: string, title: string, record: JsonObject, agent = '') =>
  factsOf(eventItem(1, { kind, title, record, agent }));

describe('a row', () => {
  it('does not repeat its kind', () => {
    const read = facts('file.read', 'file.read /etc/passwd', {});
    assert.deepEqual([read.subject, read.ending], ['/etc/passwd', '']);
    assert.equal(facts('egress.tunnel', 'CONNECT a.example', {}).subject, 'CONNECT a.example');
  });

  it('says which program ended, and which port was asked for', () => {
    const exit = { process: { exe: '/usr/bin/ls', exit_code: 2 } };
    assert.equal(facts('process.exit', 'process.exit 2', exit).subject, '/usr/bin/ls ended with 2');
    assert.equal(facts('process.exit', 'process.exit 2', {}).subject, 'ended with 2');
    const net = { net: { dst_ip: '192.0.2.1', dst_port: 443 } };
    assert.equal(facts('net.connect', 'net.connect 192.0.2.1', net).subject, '192.0.2.1:443');
  });

  it('shows members where the title is the kind alone, and not without end', () => {
    const record = {
      kind: 'hook.run',
      seq: 3,
      hook: { name: 'lint', list: [1] },
      n: 7,
      source: {},
    };
    assert.equal(facts('hook.run', 'hook.run', record).subject, 'hook.name lint · n 7');
    const long = facts('hook.run', 'hook.run', { text: 'x'.repeat(4_000) }).subject;
    assert.equal(long.length, 120);
  });

  it('keeps the name of a file apart, and shows a line break in it', () => {
    const ends = (path: string) => {
      const { subject, ending } = facts('file.read', `file.read ${path}`, {});
      return [subject, ending];
    };
    const folder = `/srv/${'folder/'.repeat(5)}here`;
    assert.deepEqual(ends(`${folder}/c.csv`), [folder, '/c.csv']);
    assert.deepEqual(ends('/a/b/c.csv'), ['/a/b/c.csv', '']);
    assert.deepEqual(ends('/top'), ['/top', '']);
    assert.deepEqual(ends('/a/b → /c/d'), ['/a/b → /c/d', '']);
    assert.deepEqual(ends(`/a/${'x'.repeat(40)}`), [`/a/${'x'.repeat(40)}`, '']);
    assert.deepEqual(ends('/a/one\ntwo'), ['/a/one\u240atwo', '']);
  });

  it('spells a system call as a call', () => {
    const record = { syscall: { name: 'ptrace', args: 'PTRACE_ATTACH, 7', result: 'ok' } };
    assert.equal(facts('syscall', 'syscall', record).subject, 'ptrace(PTRACE_ATTACH, 7)');
  });

  it('names the agent, else the process', () => {
    const record = { process: { exe: '/usr/bin/curl', pid: 7 } };
    assert.equal(facts('net.connect', 'net.connect', record, 'main').by, 'main');
    assert.equal(facts('net.connect', 'net.connect', record).by, 'curl 7');
    assert.equal(facts('net.connect', 'net.connect', { process: { pid: 'x' } }).by, '');
  });
});
