import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Reading, recognise } from './recognise.ts';

const first = (text: string): Reading | undefined => recognise(text)[0];
const kinds = (text: string): string[] => recognise(text).map(({ kind }) => kind);

describe('a pasted text', () => {
  it('is a process in every form an EDR writes one', () => {
    const wanted = { kind: 'process', host: 'laptop-17', pid: 4711 };
    const forms = [
      'laptop-17 4711',
      'laptop-17:4711',
      ' laptop-17 : 4711 ',
      'laptop-17/4711',
      'laptop-17, pid 4711',
      'laptop-17 pid=4711',
      'laptop-17\t4711',
      '4711@laptop-17',
      '"laptop-17:4711"',
    ];
    for (const form of forms) assert.deepEqual(first(form), wanted, form);
    assert.deepEqual(first('10.0.0.17:4711'), { kind: 'process', host: '10.0.0.17', pid: 4711 });
    assert.deepEqual(first('[fe80::1]:7'), { kind: 'process', host: 'fe80::1', pid: 7 });
  });

  it('is a pid alone, within what a pid can be', () => {
    assert.deepEqual(first('4711'), { kind: 'pid', pid: 4711 });
    assert.deepEqual(first('pid 4711'), { kind: 'pid', pid: 4711 });
    assert.deepEqual(first('4194304'), { kind: 'pid', pid: 4_194_304 });
    assert.equal(kinds('4194305').includes('pid'), false);
    assert.equal(kinds('0').includes('pid'), false);
  });

  it('is a leaf, a rule, an alert or a leaf hash by its form', () => {
    assert.deepEqual(
      recognise('default.0.1/239').find(({ kind }) => kind === 'leaf'),
      { kind: 'leaf', log: 'default.0.1', index: 239 },
    );
    assert.deepEqual(first('egr-001'), { kind: 'rule', rule: 'EGR-001' });
    assert.ok(kinds('job-001').includes('session'), 'a session may be named like a rule');
    const id = `alr_${'0a'.repeat(16)}`;
    assert.deepEqual(recognise(id), [{ kind: 'alert', id }]);
    const leaf = Buffer.alloc(32, 0xfe);
    const hash = { kind: 'hash', leaf: leaf.toString('base64') };
    assert.deepEqual(recognise(leaf.toString('base64')), [hash]);
    assert.deepEqual(recognise(leaf.toString('hex')), [hash]);
  });

  it('is a session, a device or a host when nothing else', () => {
    assert.deepEqual(kinds('foreign-key-5cb851'), ['session', 'device', 'host']);
    assert.deepEqual(kinds('s1:2'), ['process', 'session', 'device', 'host']);
    assert.deepEqual(kinds('3d1219c7c4c5404aaa1f6d2a48adfda4'), ['session', 'device', 'host']);
  });

  it('of several words or beyond any name is none of these', () => {
    assert.deepEqual(kinds('what is this'), []);
    assert.deepEqual(kinds('   '), []);
    assert.deepEqual(kinds('x'.repeat(257)), []);
    assert.equal(kinds('x'.repeat(256)).length, 3);
  });

  it('is what its fields name, where it names them', () => {
    const process = [{ kind: 'process', host: 'build-7', pid: 4711 }];
    assert.deepEqual(recognise('host:build-7 pid:4711'), process);
    assert.deepEqual(recognise('pid:4711  host:build-7'), process);
    assert.deepEqual(recognise('host:build-7'), [{ kind: 'host', host: 'build-7' }]);
    assert.deepEqual(recognise('device:0F3c9a'), [{ kind: 'device', device: '0F3c9a' }]);
    assert.deepEqual(recognise('edr:0F3c9a'), [{ kind: 'device', device: '0F3c9a' }]);
    assert.deepEqual(first('pid:4711'), { kind: 'pid', pid: 4711 });
    assert.deepEqual(recognise('host:build-7 pid:4711 path:/x'), []);
  });

  it('never throws, and a host and pid are always read back', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => recognise(text).length < 9));
    const host = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z]$/);
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 4_194_304 }), (name, pid) => {
        assert.deepEqual(first(`${name}:${pid}`), { kind: 'process', host: name, pid });
      }),
    );
  });
});
