import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isModern, packagedNode } from '../../bin/packaged-node.mjs';
import { fixesOf } from '../command/doctor.ts';
import { examine } from './doctor.ts';
import { findProgram, freeBytes, isPortFree } from './machine.ts';

describe('examine', () => {
  it('looks at everything a system needs, each lack with its fix', async () => {
    const findings = await examine(join(tmpdir(), 'vitrine-no-system-here'));
    const checks = findings.map((finding) => finding.check);
    for (const check of ['node', 'store engine', 'strace', 'bwrap', 'user namespaces', 'disk']) {
      assert.ok(checks.includes(check), check);
    }
    assert.equal(findings.at(-1)?.check, 'system');
    assert.equal(findings.at(-1)?.state, 'warn');
    for (const { state, fix } of findings) assert.equal(fix !== undefined, state !== 'ok');
  });
});

describe('fixesOf', () => {
  it('says a fix once for all that it is for', () => {
    const fixes = fixesOf([
      { check: 'a', state: 'warn', found: '', fix: 'x' },
      { check: 'b', state: 'ok', found: '' },
      { check: 'c', state: 'fail', found: '', fix: 'x' },
    ]);
    assert.deepEqual([...fixes], [['x', ['a', 'c']]]);
  });
});

describe('the machine', () => {
  it('has the programs of PATH and no others', () => {
    assert.match(findProgram('sh') ?? '', /\/sh$/);
    assert.equal(findProgram('no-such-program-here'), undefined);
  });

  it('knows a taken port from a free one', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    assert.equal(await isPortFree(port), false);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await isPortFree(port), true);
  });

  it('measures the disk of a directory that does not exist yet', () => {
    assert.ok(freeBytes(join(tmpdir(), 'a', 'b', 'c')) > 0);
  });
});

describe('the packaged Node', () => {
  it('is wanted below 22.18 and not from there on', () => {
    const old = ['v16.20.2', 'v20.20.2', 'v22.17.9'];
    const modern = ['v22.18.0', 'v22.23.1', 'v24.0.0', 'v100.1.0'];
    assert.deepEqual(old.filter(isModern), []);
    assert.deepEqual(modern.filter(isModern), modern);
  });

  it('is none where no package is made for the platform', () => {
    assert.equal(packagedNode('plan9', 'mips'), null);
  });
});
