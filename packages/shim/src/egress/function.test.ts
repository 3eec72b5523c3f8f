/** The catalogue against what requests look like, and against what two servers read in two ways. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CATALOGUE, functionOf, isUnclear, parseFunction } from './function.ts';

const HOST = 'api.anthropic.com';
const id = (method: string, path: string, host = HOST) => functionOf(host, method, path)?.id;

describe('the capability catalogue', () => {
  it('tells the functions of one host apart', () => {
    assert.equal(id('POST', '/v1/messages'), 'anthropic.messages.create');
    assert.equal(id('POST', '/v1/files'), 'anthropic.files.create');
    assert.equal(id('GET', '/v1/files/file_1/content'), 'anthropic.files.download');
    assert.equal(id('POST', '/v1/skills'), 'anthropic.skills.create');
    assert.equal(id('POST', '/v1/skills/s/versions'), 'anthropic.skills.create');
    assert.equal(id('POST', '/o/r/git-receive-pack', 'github.com'), 'github.git.push');
    assert.equal(id('POST', '/v1/files', 'API.Anthropic.com.'), 'anthropic.files.create');
    assert.equal(id('POST', '/v1/f%69les'), 'anthropic.files.create');
    const { classes } = functionOf(HOST, 'POST', '/v1/files')!;
    assert.deepEqual(classes, ['upload', 'persistent']);
  });

  it('does not guess', () => {
    assert.equal(id('PUT', '/v1/files'), undefined);
    assert.equal(id('POST', '/v2/files'), undefined);
    assert.equal(id('POST', '/v1/files', 'example.com'), undefined);
    for (const path of [
      '//v1/files',
      '/v1/./files',
      '/v1/models/../files',
      '/v1/models/%2e%2e/files',
      '/v1%2Ffiles',
      '/v1/files/',
      '/v1/files;x',
      '/v1/%zz',
      'v1/files',
    ]) {
      assert.equal(id('POST', path), undefined, path);
    }
  });

  it('says which paths two servers may read in two ways', () => {
    const unclear = [
      '/v1//files',
      '/v1/./files',
      '/v1/a/%2e%2e/files',
      '/v1%2Ffiles',
      '/v1/%2566iles',
    ];
    for (const path of [...unclear, '//', '/v1/files;x', '/v1/%zz', '/a\\b', 'v1/files']) {
      assert.ok(isUnclear('API.anthropic.com.', path), path);
      assert.ok(!isUnclear('example.com', path), path);
    }
    for (const path of [
      '/',
      '/v1/files',
      '/v1/files/',
      '/v2/nothing',
      '/v1/f%69les',
      '/caf%C3%A9',
    ]) {
      assert.ok(!isUnclear(HOST, path), path);
    }
  });

  it('grants functions that there are, and no others', () => {
    for (const text of ['github.git.push', 'anthropic.files.*', '*']) {
      assert.equal(parseFunction(text), text);
    }
    for (const text of ['github.git.pull', 'githubXgit.push', 'x*', '', '*push']) {
      assert.throws(() => parseFunction(text), { code: 'FUNCTION_UNKNOWN' }, text);
    }
  });

  it('reaches every entry: none stands behind another', () => {
    for (const entry of CATALOGUE.functions) {
      const path = entry.path.replace('/**', '/x/y').replaceAll('*', 'x');
      for (const method of entry.methods) {
        assert.equal(id(method, path, entry.host), entry.id, `${method} ${entry.path}`);
      }
    }
  });
});
